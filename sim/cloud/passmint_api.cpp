// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/passmint_api.h"

#include <algorithm>
#include <ranges>

#include "core/bytes.h"
#include "sim/cloud/bearer.h"
#include "sim/cloud/fresh_id.h"
#include "sim/cloud/passmint_shapes.h"

namespace passgate::sim {
namespace {

using nlohmann::json;

constexpr std::size_t kPassmintLimit = 50;

bool is_path(const HttpRequest& request, std::initializer_list<std::string_view> path) {
  return std::ranges::equal(request.target.segments, path);
}

bool is_passmint_scan(const HttpRequest& request) {
  return is_path(request, {"v1", "scan"});
}

bool is_pairing(const HttpRequest& request) {
  return is_path(request, {"v1", "scanners", "pair"});
}

/// The text of the only member. Nothing: the body is anything else.
std::optional<std::string> only_code(const std::string& text) {
  const json body = json::parse(text, nullptr, false);
  if (!body.is_object() || body.size() != 1 || !body.contains("code")) return std::nullopt;
  const auto* code = body["code"].get_ptr<const std::string*>();
  if (code == nullptr || code->empty()) return std::nullopt;
  return *code;
}

SecretBytes secret_copy(std::string text) {
  return SecretBytes::take({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

ApiAnswer unknown_route() {
  return passmint_error(404, "", "No such route");
}

ApiAnswer wrong_method() {
  return passmint_error(405, "", "This route does not know the method");
}

/// Why the pass may not be used (again); empty: it may.
std::string refusal(const UsePolicy& policy, const CloudPass& pass) {
  if (pass.voided) return "voided";
  if (policy.mode == "single_use" && pass.redeemed_count >= 1) return "already_redeemed";
  if (policy.mode == "count" && pass.redeemed_count >= policy.max_uses) return "count_exhausted";
  return {};
}

/// What a PATCH may not say; status 200: nothing of it.
ApiAnswer check_patch(const json& body, const PassTemplate& of) {
  if (!body.is_object()) return passmint_error(400, "", "The body is no JSON object");
  for (const auto& [key, value] : body.items()) {
    if (key != "field_values" && key != "metadata") {
      return passmint_error(400, "", "Unknown parameter", key);
    }
    if (!value.is_object()) return passmint_error(400, "", "An object is wanted", key);
  }
  if (body.empty()) return passmint_error(400, "", "field_values or metadata is required");
  if (!body.contains("field_values")) return {};
  for (const auto& [key, value] : body["field_values"].items()) {
    if (!of.has_key(key) || !value.is_string()) {
      return passmint_error(400, "", "The values do not fit the template", "field_values");
    }
  }
  return {};
}

}  // namespace

PassmintApi::PassmintApi(Settings settings, PassBook& book, const Clock& clock)
    : settings_(std::move(settings)),
      book_(book),
      clock_(clock),
      events_(std::move(settings_.webhook_secret), settings_.old_events) {
  if (settings_.scanner_token.empty()) return;
  scanners_.push_back({"scn_sandbox", "sandbox scanner", std::move(settings_.scanner_token)});
}

bool PassmintApi::lists(const HttpRequest& request) const {
  return request.method == "GET" && is_path(request, {"v1", "passes"});
}

ApiAnswer PassmintApi::failing(int status) const {
  if (status == 429) return passmint_error(429, "", "Too many requests");
  return passmint_error(status, "", "Something went wrong");
}

const PassmintApi::Scanner* PassmintApi::scanner_of(const HttpRequest& request) const {
  const auto token = bearer_of(request);
  if (!token) return nullptr;
  const auto found = std::ranges::find_if(
      scanners_, [&](const Scanner& each) { return is_secret(*token, each.token); });
  return found == scanners_.end() ? nullptr : &*found;
}

ApiAnswer PassmintApi::admit(const HttpRequest& request) const {
  if (is_pairing(request)) return {};
  const auto token = bearer_of(request);
  const bool known = is_passmint_scan(request) ? scanner_of(request) != nullptr
                                               : token && is_secret(*token, settings_.api_key);
  if (!known) return passmint_error(401, "", "Invalid or missing credentials");
  return {};
}

ApiAnswer PassmintApi::answer(const HttpRequest& request, const ListQuirks& quirks) {
  const auto key = request.header("idempotency-key");
  const bool keyed = key && (request.method == "POST" || request.method == "PATCH");
  if (!keyed || is_passmint_scan(request)) return route(request, quirks);
  if (key->empty() || key->size() > IdempotencyKeys::kLongestKey) {
    return passmint_error(400, "", "Idempotency-Key has 1 to 255 characters");
  }
  const std::string name(*key);
  auto digest = IdempotencyKeys::digest_of(request);
  const auto now = clock_.now();
  if (const auto* kept = keys_.find(name, now)) {
    if (kept->request == digest) return kept->answer;
    return passmint_error(409, "", "The Idempotency-Key was used for another request");
  }
  ApiAnswer answer = route(request, quirks);
  keys_.keep(name, {std::move(digest), answer, now});
  return answer;
}

ApiAnswer PassmintApi::route(const HttpRequest& request, const ListQuirks& quirks) {
  const auto& path = request.target.segments;
  if (path.size() < 2 || path[0] != "v1") return unknown_route();
  if (is_pairing(request) || is_passmint_scan(request)) {
    if (request.method != "POST") return wrong_method();
    return is_passmint_scan(request) ? scan(request) : pair(request.body);
  }
  if (path[1] == "passes" && path.size() >= 3) return pass_route(request);
  if (request.method != "GET") return wrong_method();
  if (path[1] == "passes") return list(request.target, quirks);
  if (is_path(request, {"v1", "events"})) return events_.list(request.target);
  if (is_path(request, {"v1", "me"})) {
    const json calls = {{"used", 0}, {"quota", 100'000}, {"grace_ceiling", 110'000}};
    return {200,
            {{"object", "account"},
             {"id", "acct_sandbox"},
             {"plan", "test"},
             {"usage", {{"api_calls", calls}}}},
            {},
            {}};
  }
  if (path[1] == "templates" && path.size() == 3) {
    const PassTemplate* of = book_.find(path[2]);
    if (of == nullptr) return passmint_error(404, "", "No such template");
    return {200, passmint_template(*of), {}, {}};
  }
  return unknown_route();
}

ApiAnswer PassmintApi::list(const Target& target, const ListQuirks& quirks) const {
  const auto limit = passmint_limit(target, kPassmintLimit, settings_.max_per_page);
  if (!limit) return passmint_bad_limit();
  const auto after = quirks.same_page ? std::nullopt : target.parameter("starting_after");
  const auto only = target.parameter("template_id");
  // Nobody's passes have a holder here.
  if (target.parameter("holder_email")) return passmint_list(json::array(), false);
  bool begun = !after;
  bool more = false;
  json data = json::array();
  for (const auto& of : std::views::reverse(book_.templates())) {
    if (only && *only != of.id()) continue;
    std::size_t left = of.count();
    if (!begun) {
      const auto position = of.position_of(*after);
      if (!position) continue;
      begun = true;
      left = *position;
    }
    for (; left > 0 && !more; --left) {
      more = data.size() == *limit;
      if (!more) data.push_back(passmint_pass(of, of.at(left - 1)));
    }
    if (more) break;
  }
  if (!begun) return passmint_bad_cursor();
  return passmint_list(std::move(data), more || quirks.same_page);
}

ApiAnswer PassmintApi::pass_route(const HttpRequest& request) {
  const auto& path = request.target.segments;
  const auto [of, pass] = book_.find_pass(path[2]);
  if (pass == nullptr) return passmint_error(404, "", "No such pass");
  if (path.size() == 3) {
    if (request.method == "GET") return {200, passmint_pass(*of, *pass), {}, {}};
    if (request.method == "PATCH") return patch(*of, *pass, request.body);
    if (request.method == "DELETE") return void_pass(*of, *pass);
    return wrong_method();
  }
  if (path.size() != 4) return unknown_route();
  if (request.method != "GET") return wrong_method();
  if (path[3] == "events") {
    Target narrowed = request.target;
    std::erase_if(narrowed.query, [](const auto& each) { return each.first == "pass_id"; });
    narrowed.query.emplace_back("pass_id", pass->id);
    return events_.list(narrowed);
  }
  if (path[3] != "redemptions") return unknown_route();
  const auto limit = passmint_limit(request.target, kPassmintLimit, settings_.max_per_page);
  if (!limit) return passmint_bad_limit();
  json data = json::array();
  for (const auto& each : std::views::reverse(pass->redemptions) | std::views::take(*limit)) {
    data.push_back(passmint_redemption(each));
  }
  return passmint_list(std::move(data), pass->redemptions.size() > *limit);
}

ApiAnswer PassmintApi::patch(const PassTemplate& of, CloudPass& pass, const std::string& text) {
  const json body = json::parse(text, nullptr, false);
  if (auto wrong = check_patch(body, of); wrong.status != 200) return wrong;
  if (pass.voided) return passmint_error(400, "pass_voided", "The pass is voided");
  ++pass.patches;
  if (body.contains("field_values")) {
    pass.fields.clear();
    for (const auto& [key, value] : body["field_values"].items()) pass.fields.emplace(key, value);
  }
  if (body.contains("metadata")) pass.metadata = body["metadata"];
  const auto now = clock_.now();
  pass.updated = to_rfc3339(now);
  events_.updated(of, pass, now);
  json answer = passmint_pass(of, pass);
  answer["delivery"] = {
      {"apple", {{"devices", 0}, {"pushed", 0}, {"failed", 0}, {"unregistered", 0}}},
      {"google", {{"status", "not_installed"}}}};
  answer["warnings"] = json::array();
  return {200, std::move(answer), {}, {}};
}

ApiAnswer PassmintApi::void_pass(const PassTemplate& of, CloudPass& pass) {
  if (!pass.voided) {
    const auto now = clock_.now();
    pass.voided = true;
    pass.voided_at = to_rfc3339(now);
    events_.voided(of, pass, now);
  }
  return {200, passmint_pass(of, pass), {}, {}};
}

ApiAnswer PassmintApi::pair(const std::string& text) {
  const auto code = only_code(text);
  if (!code) return passmint_error(400, "", "code is required", "code");
  if (!is_secret(*code, settings_.pairing_code)) {
    return passmint_error(400, "invalid_pairing_code", "The code is wrong or was used", "code");
  }
  settings_.pairing_code = SecretBytes();
  const std::string token = fresh_id("pms_");
  scanners_.push_back({fresh_id("scn_"), "paired scanner", secret_copy(token)});
  const json device = {{"id", scanners_.back().id},
                       {"name", scanners_.back().name},
                       {"mode", "test"},
                       {"template_id", nullptr}};
  return {200, {{"object", "scanner_pairing"}, {"token", token}, {"device", device}}, {}, {}};
}

std::pair<PassTemplate*, CloudPass*> PassmintApi::find_scanned(std::string_view code) {
  const auto by = [&](auto find) -> std::pair<PassTemplate*, CloudPass*> {
    for (const auto& known : book_.templates()) {
      PassTemplate* of = book_.find(known.id());
      if (CloudPass* pass = find(*of)) return {of, pass};
    }
    return {nullptr, nullptr};
  };
  if (auto found = by([&](PassTemplate& of) { return of.find_code(code); }); found.second) {
    return found;
  }
  return by([&](PassTemplate& of) { return of.find(code); });
}

ApiAnswer PassmintApi::scan(const HttpRequest& request) {
  const Scanner* by = scanner_of(request);
  if (by == nullptr) return passmint_error(401, "", "Invalid or missing credentials");
  const auto code = only_code(request.body);
  if (!code) return passmint_error(400, "", "code is required", "code");
  json answer = {{"object", "scan"},
                 {"decision", "rejected"},
                 {"reason", "not_found"},
                 {"redemption", nullptr}};
  const auto [of, pass] = find_scanned(*code);
  if (pass == nullptr) return {200, std::move(answer), "not_found", {}};

  const auto now = clock_.now();
  const std::string reason = refusal(of->policy(), *pass);
  pass->redemptions.push_back({.id = fresh_id("rdm_"),
                               .accepted = reason.empty(),
                               .reason = reason,
                               .by = by->name,
                               .comment = {},
                               .at = to_rfc3339(now)});
  if (reason.empty()) {
    ++pass->redeemed_count;
    if (pass->redeemed_at.empty()) pass->redeemed_at = to_rfc3339(now);
    events_.redeemed(*of, *pass, by->id, now);
  }
  const json redemption = passmint_redemption(pass->redemptions.back());
  answer["decision"] = redemption["decision"];
  answer["reason"] = redemption["reason"];
  answer["redemption"] = redemption;
  return {200, std::move(answer), reason, {}};
}

}  // namespace passgate::sim
