// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passmint_patch.h"

#include "runtime/json_text.h"
#include "sync/provider/passmint_calls.h"
#include "sync/provider/redeem_template.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr unsigned kMostKeys = 3;

/// A member that is a map; absent or null is an empty one.
std::optional<Json> map_in(const Json& pass, const char* name) {
  const auto it = pass.find(name);
  if (it == pass.end() || it->is_null()) return Json::object();
  if (!it->is_object()) return std::nullopt;
  return *it;
}

bool is_key_refused(const HttpAnswer& answer) {
  if (answer.status != 409) return false;
  const auto json = runtime::parse_json(answer.body);
  const auto* type = value_at(json, "/error/type");
  return type != nullptr && *type == "idempotency_error";
}

}  // namespace

PassmintPatch::PassmintPatch(const Passmint::Settings& settings, RedemptionOrder order, Act act)
    : settings_(settings), order_(std::move(order)), act_(act), id_(passmint_id(order_)) {}

RedeemStep PassmintPatch::start() {
  if (id_.empty()) return not_listed_yet();
  return read();
}

RedeemStep PassmintPatch::take(const Result<HttpAnswer>& answer, WallTime now) {
  if (!answer) return failure_of(answer.error());
  if (!reading_) return written(*answer, now);
  if (auto failure = failure_of(*answer, now)) return *failure;
  return write(*answer);
}

RedeemStep PassmintPatch::read() {
  reading_ = true;
  return Send{passmint_get_pass(settings_, id_), std::nullopt};
}

RedeemStep PassmintPatch::write(const HttpAnswer& answer) {
  const auto pass = runtime::parse_json(answer.body);
  if (!pass.is_object()) return bad_reply();
  auto metadata = map_in(pass, "metadata");
  auto values = map_in(pass, "field_values");
  if (!metadata || !values) return bad_reply();
  Json body;
  const auto& fields = act_ == Act::record ? settings_.fields : settings_.undo_fields;
  if (act_ == Act::record) {
    const auto* last = text_in(*metadata, "last_scan_id");
    if (last != nullptr && *last == order_.tap_id.text()) return Recorded{};
    (*metadata)["last_scan_id"] = order_.tap_id.text();
    (*metadata)["redeemed_at"] = to_rfc3339(order_.at);
    (*metadata)["gate"] = order_.terminal;
    body["metadata"] = std::move(*metadata);
  }
  for (const auto& [name, value] : fields) (*values)[name] = expand_redeem_template(value, order_);
  if (!fields.empty()) body["field_values"] = std::move(*values);
  reading_ = false;
  return Send{passmint_patch_pass(settings_, id_, idempotency_key(), body), std::nullopt};
}

RedeemStep PassmintPatch::written(const HttpAnswer& answer, WallTime now) {
  if (!is_key_refused(answer)) {
    if (auto failure = failure_of(answer, now)) return *failure;
    return Recorded{};
  }
  // An earlier try had the same key, and the pass has changed since: it shows
  // our tap, or that try never took effect.
  if (++refusals_ < kMostKeys) return read();
  return Failure{Remedy::retry, Error(Errc::rejected, answer.status), std::nullopt};
}

/// The tap's own id at first; then ids of version 8 made from it, so that a
/// later session makes the same ones.
std::string PassmintPatch::idempotency_key() const {
  static constexpr std::string_view kHex = "0123456789abcdef";
  auto key = order_.tap_id.text();
  const std::size_t variant = refusals_ + (act_ == Act::take_back ? 8U : 0U);
  if (variant == 0) return key;
  key[14] = '8';
  key.back() = kHex[kHex.find(key.back()) ^ variant];
  return key;
}

}  // namespace passgate::sync
