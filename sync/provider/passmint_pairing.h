// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/secret.h"
#include "sync/http/http_client.h"

namespace passgate::sync {

/// A scanner as Passmint made it for this terminal. The token is shown once.
struct PassmintPairing {
  SecretBytes token;
  std::string name;    ///< What its redemptions are logged under.
  std::string device;  ///< Its id.
};

/// POST /v1/scanners/pair with the one-time code of the dashboard; no other
/// authentication. The request holds the code: neither is to be printed.
/// @param base_url  As configured, with or without /v1.
HttpRequest passmint_pair_request(std::string_view base_url, std::string_view code,
                                  Milliseconds budget);

/// Wipes the answer's body, which holds the token.
/// Errors: rate_limited, rejected (HTTP status as detail), bad_reply.
Result<PassmintPairing> read_passmint_pairing(HttpAnswer answer);

/// How a pairing is kept: JSON text, a secret as a whole.
SecretBytes stored_text(const PassmintPairing& pairing);
/// Errors: bad_value.
Result<PassmintPairing> read_stored_pairing(ByteView text);

}  // namespace passgate::sync
