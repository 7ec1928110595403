// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace passgate::sync {

/// The body of a decrypt call (docs/http.md).
struct DecryptRequest {
  /// What a reader of Google passes knows of the session the payload came from.
  static constexpr std::array<std::string_view, 6> kSessionMembers = {"terminalNonce",
                                                                      "mobileNonce",
                                                                      "terminalEphemeralPublicKey",
                                                                      "terminalEphemeralPrivateKey",
                                                                      "mobileEphemeralPublicKey",
                                                                      "signature"};
  using Session = std::array<std::string, kSessionMembers.size()>;

  std::string payload;                   ///< Hexadecimal, as it came; not empty.
  std::optional<std::string> pass_type;  ///< Only the alias without a template has it.
  std::optional<Session> session;        ///< Hexadecimal each, in the order above.
};

/// Reads it without building a document: what is not asked for costs neither
/// memory nor depth. Any thread. Errors: bad_value (no JSON object, a member of
/// another type, no payload, an incomplete session), bad_hex, too_large.
Result<DecryptRequest> read_decrypt_request(std::string_view body);

}  // namespace passgate::sync
