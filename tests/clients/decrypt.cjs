// SPDX-License-Identifier: Apache-2.0
// node decrypt.cjs TEMPLATE PAYLOAD: one call with PassNinja's own client, as it
// is. What came of it is one line of JSON. Account and key come in PN_ACCOUNT and
// PN_KEY, the way to us in https_proxy.
'use strict';

const { PassNinjaClient } = require('@passninja/passninja-js');

const [template, payload] = process.argv.slice(2);
const client = new PassNinjaClient(process.env.PN_ACCOUNT, process.env.PN_KEY);

client.pass
  .decrypt(template, payload)
  .then((answer) => ({ answer }))
  .catch((error) => ({
    message: error.message,
    status: error.response && error.response.status,
    body: error.response && error.response.data,
  }))
  .then((outcome) => console.log(JSON.stringify(outcome)));
