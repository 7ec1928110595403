// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/passmint_shapes.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace passgate::sim {
namespace {

using nlohmann::json;

constexpr std::string_view kSite = "https://passmint.com/p/";
constexpr std::string_view kMade = "2026-01-01T00:00:00Z";

std::string_view type_of(int status) {
  switch (status) {
    case 401: return "authentication_error";
    case 402: return "billing_error";
    case 403: return "authorization_error";
    case 404: return "not_found_error";
    case 409: return "idempotency_error";
    case 429: return "rate_limit_error";
    default: return status >= 500 ? "api_error" : "invalid_request_error";
  }
}

json text_or_null(std::string_view text) {
  return text.empty() ? json(nullptr) : json(text);
}

}  // namespace

ApiAnswer passmint_error(int status, std::string_view code, std::string_view message,
                         std::string_view param) {
  const json error = {{"type", type_of(status)},
                      {"code", text_or_null(code)},
                      {"message", message},
                      {"param", text_or_null(param)}};
  return {status, {{"error", error}}, std::string(code.empty() ? type_of(status) : code), {}};
}

ApiAnswer passmint_bad_limit() {
  return passmint_error(400, "invalid_limit", "limit is a whole number", "limit");
}

ApiAnswer passmint_bad_cursor() {
  return passmint_error(400, "invalid_cursor", "starting_after names nothing in this list",
                        "starting_after");
}

ApiAnswer passmint_list(json data, bool has_more) {
  return {200, {{"object", "list"}, {"data", std::move(data)}, {"has_more", has_more}}, {}, {}};
}

std::optional<std::size_t> passmint_limit(const Target& target, std::size_t otherwise,
                                          std::size_t most) {
  const auto text = target.parameter("limit");
  if (!text) return std::min(otherwise, most);
  const bool digits = !text->empty() && text->find_first_not_of("0123456789") == text->npos;
  if (!digits) return std::nullopt;
  std::size_t value = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
  return read.ec == std::errc{} ? std::min(value, most) : most;  // else beyond all numbers
}

json passmint_pass(const PassTemplate& of, const CloudPass& pass) {
  const std::string url = std::string(kSite) + pass.serial;
  return {{"object", "pass"},
          {"id", pass.id},
          {"short_id", pass.serial},
          {"template_id", of.id()},
          {"certificate_set_id", nullptr},
          {"serial_number", pass.serial},
          {"mode", "test"},
          {"holder_email", nullptr},
          {"holder_name", nullptr},
          {"field_values", pass.fields},
          {"voided", pass.voided},
          {"voided_at", text_or_null(pass.voided_at)},
          {"redeemed_count", pass.redeemed_count},
          {"first_redeemed_at", text_or_null(pass.redeemed_at)},
          {"metadata", pass.metadata.empty() ? json(nullptr) : pass.metadata},
          {"image_variant", nullptr},
          {"images", json::object()},
          {"platforms", {"apple", "google"}},
          {"platform_status", nullptr},
          {"created_via_api", true},
          {"url", url},
          {"download_url", url + "/download"},
          {"google_wallet_url", nullptr},
          {"created_at", pass.issued}};
}

json passmint_template(const PassTemplate& of) {
  const auto& policy = of.policy();
  const json most = policy.mode == "count" ? json(policy.max_uses) : json(nullptr);
  return {{"object", "template"},
          {"id", of.id()},
          {"name", of.id()},
          {"type", "event"},
          {"apple_style", "eventTicket"},
          {"design", json::object()},
          {"archived", false},
          {"redemption_policy", {{"mode", policy.mode}, {"maxUses", most}}},
          {"created_at", kMade},
          {"updated_at", kMade}};
}

json passmint_redemption(const CloudPass::Redemption& of) {
  return {{"id", of.id},
          {"object", "redemption"},
          {"decision", of.accepted ? "accepted" : "rejected"},
          {"reason", text_or_null(of.reason)},
          {"scanner_name", of.by},
          {"scanned_at", of.at}};
}

}  // namespace passgate::sim
