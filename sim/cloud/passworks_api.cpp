// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/passworks_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "core/bytes.h"
#include "sim/cloud/passworks_page.h"

namespace passgate::sim {
namespace {

using nlohmann::json;

constexpr std::string_view kVersion = "v2";
constexpr std::array<std::string_view, 5> kTypes = {"coupons", "store_cards", "event_tickets",
                                                    "boarding_passes", "generics"};
constexpr std::array<std::string_view, 5> kGroups = {
    "header_fields", "primary_fields", "secondary_fields", "auxiliary_fields", "back_fields"};
constexpr std::string_view kDistribution = "91d464ab-1eb2-475e-b70c-e45719b5de01";
constexpr std::string_view kPassworksType = "application/json";

ApiAnswer passworks_failure(int status, std::string_view text) {
  return {status, {{"errors", json::array({text})}}, {}, {}};
}

json or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

std::string campaign_of(const PassTemplate& of) {
  return of.id().substr(of.id().find('/') + 1);
}

/// The book has one set of fields, a pass has five groups: all stand in one.
json fields_of(const PassTemplate& of, const CloudPass& pass) {
  json fields = json::array();
  const json values = of.values(pass);
  for (const auto& [key, value] : values.items()) {
    fields.push_back({{"key", key}, {"label", key}, {"value", value}, {"behaviour", "dynamic"}});
  }
  return fields;
}

json passworks_row(const PassTemplate& of, const CloudPass& pass) {
  json made = {{"id", pass.id},
               {"campaign_id", campaign_of(of)},
               {"voided", pass.voided},
               {"serial_number", pass.serial},
               {"redeem_code", pass.code},
               {"redeemed_count", pass.redeemed_count},
               {"redeemed_at", or_null(pass.redeemed_at)},
               {"barcode", {{"format", "qrcode"}, {"message", pass.code}, {"alt_text", pass.code}}},
               {"expiration_date", or_null(pass.expires)},
               {"relevant_date", nullptr},
               {"page_url", "https://get.passworks.io/p/" + pass.id},
               {"pkpass_url", "https://get.passworks.io/p/" + pass.id + ".pkpass"},
               {"created_at", pass.issued},
               {"updated_at", pass.updated}};
  for (const auto group : kGroups) made[std::string(group)] = json::array();
  made["secondary_fields"] = fields_of(of, pass);
  return made;
}

/// The members of `{"pass":{…}}`, all of them among `known`. No body at all: none.
std::expected<json, ApiAnswer> members(const HttpRequest& request,
                                       std::initializer_list<std::string_view> known) {
  const auto type = request.header("content-type").value_or("");
  if (type.substr(0, type.find(';')) != kPassworksType && !(request.body.empty() && type.empty())) {
    return std::unexpected(passworks_failure(415, "Content-Type is to be application/json"));
  }
  if (request.body.empty()) return json::object();
  json body = json::parse(request.body, nullptr, false);
  if (body.is_discarded()) return std::unexpected(passworks_failure(400, "The body is not JSON"));
  if (!body.is_object() || !body.contains("pass") || !body["pass"].is_object()) {
    return std::unexpected(passworks_refusal("pass", "is missing"));
  }
  for (const auto& [name, value] : body.items()) {
    if (name != "pass") return std::unexpected(passworks_refusal(name, "is not known"));
  }
  for (const auto& [name, value] : body["pass"].items()) {
    if (std::ranges::find(known, name) == known.end()) {
      return std::unexpected(passworks_refusal(name, "is not known"));
    }
  }
  return std::move(body["pass"]);
}

/// Takes a group of `{"key":…,"value":…,"label":…}` over into `fields`. False:
/// it does not fit the campaign.
bool merge_group(const PassTemplate& of, const json& group, Fields& fields) {
  if (!group.is_array()) return false;
  for (const auto& field : group) {
    if (!field.is_object() || !field.contains("key")) return false;
    for (const auto& [name, value] : field.items()) {
      const bool known = name == "key" || name == "value" || name == "label";
      if (!known || !value.is_string()) return false;
    }
    const auto key = field["key"].get<std::string>();
    if (!of.has_key(key)) return false;
    if (field.contains("value")) fields.insert_or_assign(key, field["value"]);
  }
  return true;
}

SecretBytes credentials(std::string_view account_id, const SecretBytes& api_key) {
  SecretBytes made(account_id.size() + 1 + api_key.size());
  auto rest = std::ranges::copy(bytes_of(account_id), made.writable().begin()).out;
  *rest++ = ':';
  std::ranges::copy(api_key.expose(), rest);
  return made;
}

}  // namespace

PassworksApi::PassworksApi(PassBook& book, std::string_view account_id, const SecretBytes& api_key,
                           const Clock& clock, PassworksOptions options)
    : book_(book),
      credentials_(credentials(account_id, api_key)),
      clock_(clock),
      options_(std::move(options)) {}

bool PassworksApi::lists(const HttpRequest& request) const {
  const auto& path = request.target.segments;
  return request.method == "GET" && path.size() == 4 && path[0] == kVersion && path[3] == "passes";
}

ApiAnswer PassworksApi::admit(const HttpRequest& request) const {
  constexpr std::string_view kScheme = "Basic ";
  const auto header = request.header("authorization").value_or("");
  if (header.starts_with(kScheme)) {
    const auto given = from_base64(header.substr(kScheme.size()));
    if (given && equal_in_constant_time(*given, credentials_.expose())) return {};
  }
  ApiAnswer refusal = passworks_failure(401, "Unauthorized");
  refusal.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Passworks\"");
  return refusal;
}

ApiAnswer PassworksApi::failing(int status) const {
  return passworks_failure(status, status == 429 ? "Rate limit exceeded" : "Something went wrong");
}

std::vector<CloudApi::Push> PassworksApi::take_pushes() {
  return std::exchange(pushes_, {});
}

ApiAnswer PassworksApi::answer(const HttpRequest& request, const ListQuirks& quirks) {
  pushes_.clear();
  const auto& path = request.target.segments;
  if (path.size() < 4 || path.size() > 6 || path[0] != kVersion ||
      std::ranges::find(kTypes, path[1]) == kTypes.end()) {
    return passworks_failure(404, "No such route");
  }
  PassTemplate* of = book_.find(path[1] + "/" + path[2]);
  if (of == nullptr) return {404, {{"errors", {{"campaign", "Campaign not found."}}}}, {}, {}};
  if (path[3] == "passes" && path.size() > 4) return pass_route(*of, request);
  return campaign_route(*of, request, quirks);
}

ApiAnswer PassworksApi::campaign_route(PassTemplate& of, const HttpRequest& request,
                                       const ListQuirks& quirks) {
  const auto& path = request.target.segments;
  const bool get = request.method == "GET";
  if (path.size() == 4 && path[3] == "passes") {
    return get ? list(of, request.target, quirks) : passworks_failure(405, "Method not allowed");
  }
  if (path.size() == 4 && path[3] == "redeem") {
    return request.method == "POST" ? redeem_by_code(of, request)
                                    : passworks_failure(405, "Method not allowed");
  }
  if (path.size() == 4 && path[3] == "redeems" && options_.lists_redeems) {
    if (!get) return passworks_failure(405, "Method not allowed");
    std::vector<const CloudPass*> all;
    for (const auto& pass : of.ever()) all.push_back(&pass);
    return list_redeems(all, request.target);
  }
  if (path.size() == 5 && path[3] == "redeem") {
    if (!get) return passworks_failure(405, "Method not allowed");
    for (std::size_t i = 0; i < of.count(); ++i) {
      if (of.at(i).code == path[4]) return {200, {{"id", of.at(i).id}}, {}, {}};
    }
    return passworks_failure(404, "Pass not found.");
  }
  return passworks_failure(404, "No such route");
}

ApiAnswer PassworksApi::pass_route(PassTemplate& of, const HttpRequest& request) {
  const auto& path = request.target.segments;
  CloudPass* pass = of.find_id(path[4]);
  if (pass == nullptr) return passworks_failure(404, "Pass not found.");
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (path.size() == 5) {
    if (get) return {200, passworks_row(of, *pass), {}, {}};
    if (request.method == "PATCH") return patch(of, *pass, request);
    return passworks_failure(405, "Method not allowed");
  }
  if (path[5] == "redeem") {
    return post ? redeem_by_id(of, *pass, request) : passworks_failure(405, "Method not allowed");
  }
  if (path[5] == "reset_redeem") {
    return post ? reset(of, *pass, request) : passworks_failure(405, "Method not allowed");
  }
  if (path[5] == "redeems" && options_.lists_redeems) {
    return get ? list_redeems({pass}, request.target)
               : passworks_failure(405, "Method not allowed");
  }
  return passworks_failure(404, "No such route");
}

ApiAnswer PassworksApi::list(const PassTemplate& of, const Target& target,
                             const ListQuirks& quirks) const {
  const auto found = PassworksSelection::read(of, target, options_.filters_by_update);
  if (!found) return found.error();
  auto page = passworks_page(target, found->count(), quirks);
  if (!page) return std::move(page.error());
  json rows = json::array();
  for (std::size_t i = page->begin; i < page->end; ++i)
    rows.push_back(passworks_row(of, found->at(i)));
  return {200, std::move(rows), {}, std::move(page->headers)};
}

ApiAnswer PassworksApi::list_redeems(const std::vector<const CloudPass*>& passes,
                                     const Target& target) const {
  json all = json::array();
  for (const CloudPass* pass : passes) {
    for (const auto& each : pass->redemptions) {
      if (!each.accepted) continue;
      all.push_back({{"id", each.id},
                     {"pass_id", pass->id},
                     {"comment", each.comment},
                     {"created_at", each.at}});
    }
  }
  // Ids count up, and are of equal length: the order in which they came.
  std::sort(all.begin(), all.end(), [](const json& a, const json& b) { return a["id"] < b["id"]; });
  auto page = passworks_page(target, all.size(), {});
  if (!page) return std::move(page.error());
  json rows = json::array();
  for (std::size_t i = page->begin; i < page->end; ++i) rows.push_back(std::move(all[i]));
  return {200, std::move(rows), {}, std::move(page->headers)};
}

ApiAnswer PassworksApi::patch(const PassTemplate& of, CloudPass& pass,
                              const HttpRequest& request) const {
  const auto asked =
      members(request, {"header_fields", "primary_fields", "secondary_fields", "auxiliary_fields",
                        "back_fields", "expiration_date", "merge", "push"});
  if (!asked) return asked.error();
  Fields fields = pass.fields;
  std::string expires = pass.expires;
  for (const auto& [name, value] : asked->items()) {
    bool fits = false;
    if (name == "merge" || name == "push") {
      fits = value.is_boolean();
    } else if (name == "expiration_date") {
      expires = value.is_string() ? value.get<std::string>() : "";
      fits = value.is_null() || from_rfc3339(expires).has_value();
    } else {
      fits = merge_group(of, value, fields);
    }
    if (!fits) return passworks_refusal(name, "is not valid");
  }
  ++pass.patches;
  if (fields != pass.fields || expires != pass.expires) {
    pass.fields = std::move(fields);
    pass.expires = std::move(expires);
    pass.updated = to_rfc3339(clock_.now());
  }
  return {201, passworks_row(of, pass), {}, {}};
}

ApiAnswer PassworksApi::redeem_by_code(PassTemplate& of, const HttpRequest& request) {
  const auto asked = members(request, {"redeem_code", "comment"});
  if (!asked) return asked.error();
  const json code = asked->value("redeem_code", json());
  const json comment = asked->value("comment", json(""));
  if (!code.is_string()) return passworks_refusal("redeem_code", "is missing");
  if (!comment.is_string()) return passworks_refusal("comment", "is not a text");
  for (std::size_t i = 0; i < of.count(); ++i) {
    if (of.at(i).code == code.get_ref<const std::string&>()) {
      return redeem(of, *of.find_id(of.at(i).id), comment.get<std::string>());
    }
  }
  return passworks_failure(404, "Pass not found.");
}

ApiAnswer PassworksApi::redeem_by_id(const PassTemplate& of, CloudPass& pass,
                                     const HttpRequest& request) {
  const auto asked = members(request, {"comment"});
  if (!asked) return asked.error();
  const json comment = asked->value("comment", json(""));
  if (!comment.is_string()) return passworks_refusal("comment", "is not a text");
  return redeem(of, pass, comment.get<std::string>());
}

ApiAnswer PassworksApi::redeem(const PassTemplate& of, CloudPass& pass, std::string comment) {
  const std::string now = to_rfc3339(clock_.now());
  CloudPass::Redemption tried;
  tried.id = fmt::format("00000000-0000-4000-8000-{:012x}", ++redemptions_);
  tried.accepted = !pass.voided;
  tried.reason = pass.voided ? "voided" : "";
  tried.comment = std::move(comment);
  tried.at = now;
  pass.redemptions.push_back(std::move(tried));
  if (pass.voided) return passworks_failure(412, "Pass is voided");
  ++pass.redeemed_count;
  pass.redeemed_at = now;
  pass.updated = now;
  pass.voided = of.policy().mode != "reusable";
  pushes_.push_back(push_of(of, pass));
  return {200, passworks_row(of, pass), {}, {}};
}

ApiAnswer PassworksApi::reset(const PassTemplate& of, CloudPass& pass,
                              const HttpRequest& request) const {
  if (const auto asked = members(request, {}); !asked) return asked.error();
  if (pass.voided || pass.redeemed_count > 0) {
    pass.voided = false;
    pass.redeemed_count = 0;
    pass.redeemed_at.clear();
    pass.updated = to_rfc3339(clock_.now());
  }
  return {200, passworks_row(of, pass), {}, {}};
}

CloudApi::Push PassworksApi::push_of(const PassTemplate& of, const CloudPass& pass) const {
  const json body = {{"event", "redeemed"},
                     {"context", "pass"},
                     {"campaign_id", campaign_of(of)},
                     {"distribution_id", kDistribution},
                     {"pass_id", pass.id},
                     {"voided", pass.voided},
                     {"serial_number", pass.serial},
                     {"redeemed_count", pass.redeemed_count},
                     {"redeemed_at", or_null(pass.redeemed_at)},
                     {"created_at", pass.issued},
                     {"updated_at", pass.updated},
                     {"last_fetched_at", nullptr},
                     {"event_at", to_rfc3339(clock_.now())},
                     {"metadata", pass.metadata},
                     {"event_extra", {{"pass_id", pass.id}}}};
  Push push{body.dump(-1, ' ', false, json::error_handler_t::replace),
            {{"Content-Type", "application/json; charset=utf-8"}}};
  if (!options_.push_authorization.empty()) {
    push.headers.emplace_back("Authorization", text_of(options_.push_authorization.expose()));
  }
  return push;
}

}  // namespace passgate::sim
