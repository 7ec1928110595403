// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/passmint_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/bytes.h"
#include "crypto/digest.h"
#include "sim/cloud/fresh_id.h"
#include "sim/cloud/passmint_shapes.h"

namespace passgate::sim {
namespace {

using nlohmann::json;

constexpr std::size_t kPassmintEventLimit = 100;
constexpr std::size_t kMostPerPage = 200;

/// The pass as the newer pushes show it.
json snapshot(const PassTemplate& of, const CloudPass& pass) {
  const json whole = passmint_pass(of, pass);
  return {{"id", pass.id},
          {"short_id", whole["short_id"]},
          {"template_id", of.id()},
          {"organization_id", "org_sandbox"},
          {"serial_number", pass.serial},
          {"holder", {{"email_hash", nullptr}, {"name_present", false}}},
          {"voided", pass.voided},
          {"image_variant", nullptr},
          {"urls", {{"landing", whole["url"]}, {"download", whole["download_url"]}}}};
}

/// A time parameter. `bad`: it is there and does not read.
std::optional<WallTime> time_in(const Target& target, std::string_view name, bool& bad) {
  const auto text = target.parameter(name);
  if (!text) return std::nullopt;
  const auto time = from_rfc3339(*text);
  if (!time) bad = true;
  return time ? std::optional(*time) : std::nullopt;
}

}  // namespace

void PassmintEvents::log(const PassTemplate& of, const CloudPass& pass, std::string type,
                         WallTime now) {
  events_.push_back({fresh_id("evt_"), pass.id, of.id(), std::move(type),
                     std::chrono::floor<std::chrono::seconds>(now)});
  if (events_.size() > kMost) events_.pop_front();
}

void PassmintEvents::push(const std::string& type, json event, WallTime now) {
  if (secret_.empty()) return;
  event["id"] = events_.back().id;
  event["object"] = "event";
  event["type"] = type;
  event["created_at"] = to_rfc3339_ms(now);
  CloudApi::Push push;
  push.body = event.dump(-1, ' ', false, json::error_handler_t::replace);
  const auto unix_s = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const auto mac =
      crypto::hmac_sha256(secret_.expose(), bytes_of(fmt::format("{}.{}", unix_s, push.body)));
  push.headers = {{"Content-Type", "application/json"},
                  {"User-Agent", "passmint-webhooks/1.0"},
                  {"passmint-event-type", type},
                  {"passmint-signature", fmt::format("t={},v1={}", unix_s, to_hex(mac))}};
  pushes_.push_back(std::move(push));
}

namespace {

/// The newer envelope around a pass.
json envelope(json object) {
  return {{"api_version", "2026-05-01"},
          {"idempotency_key", fresh_id("ik_")},
          {"livemode", false},
          {"data", {{"object", std::move(object)}}},
          {"source", {{"platform", "api"}, {"unit", "pass"}, {"confidence", "confirmed"}}},
          {"previous_attributes", nullptr}};
}

/// Of the older generation no more is known than that the pass is there.
json old_envelope(const PassTemplate& of, const CloudPass& pass) {
  return {{"data", {{"pass", passmint_pass(of, pass)}}}};
}

}  // namespace

void PassmintEvents::updated(const PassTemplate& of, const CloudPass& pass, WallTime now) {
  log(of, pass, "updated", now);
  if (old_) return push("pass.updated", old_envelope(of, pass), now);
  push("pass.update_pushed", envelope({{"pass", snapshot(of, pass)}}), now);
}

void PassmintEvents::voided(const PassTemplate& of, const CloudPass& pass, WallTime now) {
  log(of, pass, "voided", now);
  if (old_) return push("pass.voided", old_envelope(of, pass), now);
  push("pass.voided", envelope({{"pass", snapshot(of, pass)}}), now);
}

void PassmintEvents::redeemed(const PassTemplate& of, const CloudPass& pass,
                              const std::string& device_id, WallTime now) {
  log(of, pass, "redeemed", now);
  if (old_) return;
  const json use = {{"id", pass.redemptions.back().id},
                    {"scanner_device_id", device_id},
                    {"scans_used", pass.redeemed_count},
                    {"policy_mode", of.policy().mode}};
  push("pass.redeemed", envelope({{"pass", snapshot(of, pass)}, {"redemption", use}}), now);
}

ApiAnswer PassmintEvents::list(const Target& target) const {
  const auto limit = passmint_limit(target, kPassmintEventLimit, kMostPerPage);
  if (!limit) return passmint_bad_limit();
  bool bad = false;
  const auto since = time_in(target, "since", bad);
  const auto until = time_in(target, "until", bad);
  if (bad) return passmint_error(400, "", "since and until are ISO 8601 times", "since");
  auto at = events_.rbegin();
  if (const auto after = target.parameter("starting_after")) {
    at = std::find_if(at, events_.rend(), [&](const Event& e) { return e.id == *after; });
    if (at == events_.rend()) return passmint_bad_cursor();
    ++at;
  }
  const auto type = target.parameter("type");
  const auto pass_id = target.parameter("pass_id");
  const auto template_id = target.parameter("template_id");
  json data = json::array();
  bool more = false;
  for (; at != events_.rend(); ++at) {
    if ((since && at->at < *since) || (until && at->at >= *until)) continue;
    if ((type && *type != at->type) || (pass_id && *pass_id != at->pass_id)) continue;
    if (template_id && *template_id != at->template_id) continue;
    more = data.size() == *limit;
    if (more) break;
    data.push_back({{"object", "pass_event"},
                    {"id", at->id},
                    {"pass_id", at->pass_id},
                    {"template_id", at->template_id},
                    {"type", at->type},
                    {"metadata", json::object()},
                    {"created_at", to_rfc3339(at->at)}});
  }
  return passmint_list(std::move(data), more);
}

}  // namespace passgate::sim
