// SPDX-License-Identifier: Apache-2.0
#include "sync/service/decrypt_answer.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/bytes.h"

namespace passgate::sync {

using nlohmann::json;

const DecryptRefusal DecryptRefusal::kNoClient = {
    401, "UA1", "X-API-KEY and X-ACCOUNT-ID must be those of a client."};
const DecryptRefusal DecryptRefusal::kNotAllowed = {
    403, "UA2", "This client may not decrypt payloads of this template."};
const DecryptRefusal DecryptRefusal::kTooFast = {429, "RL1", "Too many requests."};
const DecryptRefusal DecryptRefusal::kBadRequest = {
    400, "MI1", "The body must be a JSON object with a hexadecimal payload."};
const DecryptRefusal DecryptRefusal::kTooLarge = {413, "MI1",
                                                  "The payload is larger than this service takes."};
const DecryptRefusal DecryptRefusal::kUnknownTemplate = {404, "MR1",
                                                         "No pass here has this template."};
const DecryptRefusal DecryptRefusal::kNotOpened = {400, "IP1",
                                                   "The payload cannot be opened with these keys."};
const DecryptRefusal DecryptRefusal::kFailed = {500, "GE77", "The keys cannot be reached now."};

namespace {

constexpr auto kJson = "application/json";

/// The errors that say that this payload does not open, now or later.
constexpr std::array kOfThePayload = {
    Errc::unknown_key,      Errc::bad_point,         Errc::auth_failed,   Errc::short_plaintext,
    Errc::too_short,        Errc::unknown_collector, Errc::bad_length,    Errc::bad_version,
    Errc::bad_compression,  Errc::missing_record,    Errc::wrong_session, Errc::no_cryptogram,
    Errc::unexpected_status};

const DecryptRefusal& refusal_named(std::string_view error) {
  const auto is = [error](Errc code) { return name(code) == error; };
  if (is(Errc::not_listed)) return DecryptRefusal::kUnknownTemplate;
  if (is(Errc::bad_hex) || is(Errc::bad_value)) return DecryptRefusal::kBadRequest;
  if (is(Errc::too_large)) return DecryptRefusal::kTooLarge;
  if (std::ranges::any_of(kOfThePayload, is)) return DecryptRefusal::kNotOpened;
  return DecryptRefusal::kFailed;
}

const std::string* text_of_member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

}  // namespace

HttpReply reply_of(const DecryptRefusal& refusal, bool nested) {
  json body;
  if (nested) {
    body["error"] = {
        {"message", refusal.message}, {"status_code", refusal.status}, {"code", refusal.code}};
  } else {
    body = {{"error", refusal.message}, {"code", refusal.code}};
  }
  return {.status = refusal.status, .content_type = kJson, .headers = {}, .body = body.dump()};
}

const DecryptRefusal& refusal_of_request(const Error& error) {
  return error.code() == Errc::too_large ? DecryptRefusal::kTooLarge : DecryptRefusal::kBadRequest;
}

std::expected<OpenedPayload, DecryptRefusal> read_opened(const json& answer) {
  const auto* type = text_of_member(answer, "type");
  if (type != nullptr && *type == "error") {
    const auto* error = text_of_member(answer, "error");
    return std::unexpected(refusal_named(error == nullptr ? "" : *error));
  }
  const auto* payload = text_of_member(answer, "payload");
  if (type == nullptr || *type != "opened" || payload == nullptr) {
    return std::unexpected(DecryptRefusal::kFailed);
  }
  OpenedPayload opened{.hex = *payload, .stamped_at = {}};
  if (const auto* stamp = text_of_member(answer, "stamped_at")) opened.stamped_at = *stamp;
  return opened;
}

Result<HttpReply> reply_of(const OpenedPayload& opened, std::string encrypted, WallTime now) {
  const auto bytes = from_hex(opened.hex);
  if (!bytes) return std::unexpected(bytes.error());
  json own{{"payload_hex", opened.hex}};
  if (opened.stamped_at) own["stamped_at"] = *opened.stamped_at;
  const json body{{"encrypted", std::move(encrypted)},
                  {"decrypted", to_valid_utf8(*bytes)},
                  {"timeOfScan", opened.stamped_at.value_or(to_rfc3339(now))},
                  {"passgate", std::move(own)}};
  return HttpReply{.status = 200, .content_type = kJson, .headers = {}, .body = body.dump()};
}

}  // namespace passgate::sync
