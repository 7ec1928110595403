// SPDX-License-Identifier: Apache-2.0
// HTTP on a port that passgate-syncd may not open itself, as docs/install.md says.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

const DOCUMENT = new URL("../../docs/install.md", import.meta.url);
const DROP_IN = "/run/systemd/system/passgate-http.socket.d";

/** The section's commands; what is typed into an editor there comes from DROP_IN. */
const commands = (document) => {
  const section = document.split(/^## /m).find((part) => part.startsWith("Screens and decryption over HTTP\n"));
  const found = /^```console\n(systemctl edit [^\n]*\n)(.*?)^```/ms.exec(section);
  assert.ok(found, "docs/install.md does not say how systemd listens");
  return found[2];
};

const health = (machine) =>
  machine.run(`timeout 30 bash -c 'exec 3<>/dev/tcp/127.0.0.1/80
    printf "GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n" >&3; cat <&3'`);

export const httpSteps = async ({ machine, report }) => {
  await report.step("passgate-syncd serves HTTP on port 80, where systemd listens", async () => {
    await machine.run(`mkdir -p ${DROP_IN}
      printf '[Socket]\\nListenStream=\\nListenStream=127.0.0.1:80\\n' >${DROP_IN}/port.conf
      printf '[http]\\nlisten = []\\n' >/etc/passgate/conf.d/http.toml
      systemctl daemon-reload; systemctl restart passgated`);
    report.note(await machine.run(commands(await readFile(DOCUMENT, "utf8"))));
    assert.match(await health(machine), /^HTTP\/1\.1 200 /);
    await machine.run("systemctl restart passgate-syncd");
    assert.match(await health(machine), /^HTTP\/1\.1 200 /);
    report.note(await machine.run("passgate doctor | grep '^ok *HTTP'"));
    await machine.run(`systemctl disable --now passgate-http.socket
      rm -r ${DROP_IN} /etc/passgate/conf.d/http.toml; systemctl daemon-reload; systemctl restart passgated passgate-syncd`);
  });
};
