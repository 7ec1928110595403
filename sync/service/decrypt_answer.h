// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"
#include "sync/service/http_message.h"

namespace passgate::sync {

/// How the decryption service says no, in PassNinja's words (docs/http.md).
struct DecryptRefusal {
  int status = 0;
  std::string_view code;
  std::string_view message;

  static const DecryptRefusal kNoClient;
  static const DecryptRefusal kNotAllowed;
  static const DecryptRefusal kTooFast;
  static const DecryptRefusal kBadRequest;
  static const DecryptRefusal kTooLarge;
  static const DecryptRefusal kUnknownTemplate;
  static const DecryptRefusal kNotOpened;
  static const DecryptRefusal kFailed;
};

/// @param nested  `[http] decrypt_errors`.
HttpReply reply_of(const DecryptRefusal& refusal, bool nested);

/// What a request that cannot be read (read_decrypt_request) is told.
const DecryptRefusal& refusal_of_request(const Error& error);

/// A payload as passgated opened it.
struct OpenedPayload {
  std::string hex;
  std::optional<std::string> stamped_at;  ///< RFC 3339; Apple's only.
};
/// Reads what passgated answers to "open"; what it says beyond "opened" is a refusal.
std::expected<OpenedPayload, DecryptRefusal> read_opened(const nlohmann::json& answer);

/// 200. @param encrypted  As it came. @param now  Where the payload has no time.
/// Errors: bad_hex, when passgated's is not hexadecimal.
Result<HttpReply> reply_of(const OpenedPayload& opened, std::string encrypted, WallTime now);

}  // namespace passgate::sync
