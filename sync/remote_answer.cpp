// SPDX-License-Identifier: Apache-2.0
#include "sync/remote_answer.h"

#include <nlohmann/json.hpp>

#include "core/clock.h"

namespace passgate::sync {

namespace {

using nlohmann::json;

const std::string* text_at(const json& object, const char* member) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(member);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

/// The vendor's code, beside the error or inside it.
bool is_invalid_payload(const json& body) {
  const auto* code = text_at(body, "code");
  if (code == nullptr && body.is_object() && body.contains("error")) {
    code = text_at(body["error"], "code");
  }
  return code != nullptr && *code == "IP1";
}

Result<RemotelyOpened> opened(const json& body, int status) {
  RemotelyOpened result;
  if (body.is_object() && body.contains("passgate")) {
    const auto& own = body["passgate"];
    if (const auto* hex = text_at(own, "payload_hex")) {
      auto bytes = from_hex(*hex);
      if (!bytes) return fail(Errc::bad_reply, status);
      result.payload = std::move(*bytes);
    }
    if (const auto* stamp = text_at(own, "stamped_at")) {
      if (!from_rfc3339(*stamp)) return fail(Errc::bad_reply, status);
      result.stamped_at = *stamp;
    }
  }
  const auto* text = text_at(body, "decrypted");
  if (result.payload.empty() && text != nullptr) {
    const auto bytes = bytes_of(*text);
    result.payload.assign(bytes.begin(), bytes.end());
  }
  if (result.payload.empty()) return fail(Errc::bad_reply, status);
  return result;
}

}  // namespace

Result<RemotelyOpened> read_remote_answer(const HttpAnswer& answer) {
  const auto body = json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  switch (answer.status) {
    case 200: return opened(body, answer.status);
    case 400: return fail(is_invalid_payload(body) ? Errc::auth_failed : Errc::bad_reply, 400);
    case 401:
    case 402:
    case 403: return fail(Errc::rejected, answer.status);
    case 404: return fail(Errc::not_listed, answer.status);
    case 429: return fail(Errc::rate_limited, answer.status);
    default: return fail(Errc::bad_reply, answer.status);
  }
}

}  // namespace passgate::sync
