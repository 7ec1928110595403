// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/passninja_api.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "sim/cloud/bearer.h"
#include "sim/cloud/count_parameter.h"
#include "sim/cloud/fresh_id.h"

namespace passgate::sim {
namespace {

using nlohmann::json;

constexpr std::size_t kPassninjaPerPage = 10;
constexpr std::string_view kLanding = "https://i.installpass.es/p/";

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return !std::ranges::search(text, part, {}, lower, lower).empty() || part.empty();
}

/// What every answer about a pass has in common.
json passninja_row(const PassTemplate& of, const CloudPass& pass) {
  return {{"id", pass.serial},
          {"passTemplate", of.id()},
          {"serialNumber", pass.serial},
          {"urls", {{"landing", std::string(kLanding) + pass.serial}}}};
}

json list_row(const PassTemplate& of, const CloudPass& pass) {
  json made = passninja_row(of, pass);
  made["issuedDate"] = pass.issued;
  made["installedDate"] = pass.installed ? json(*pass.installed) : json(nullptr);
  made["status"] = pass.status;
  made["recipient"] = nullptr;
  return made;
}

/// The positions of a template's passes that a search finds.
std::vector<std::size_t> search(const PassTemplate& of, std::string_view part) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < of.count(); ++i) {
    if (contains_ignoring_case(of.at(i).serial, part)) found.push_back(i);
  }
  return found;
}

/// `{"error":text,"code":code}`, the flat shape of the vendor's REST routes.
ApiAnswer api_error(int status, std::string_view code, std::string_view text) {
  return {status, {{"error", text}, {"code", code}}, std::string(code), {}};
}

/// The vendor documents no code for these.
ApiAnswer plain_error(int status, std::string_view text) {
  return {status, {{"error", text}}, {}, {}};
}

bool is_passninja_scan(const HttpRequest& request) {
  const auto& path = request.target.segments;
  return path.size() == 2 && path[0] == "v1" && path[1] == "scans";
}

/// What a reader says of a tap.
struct Scan {
  std::string message;
  std::string scanned_at;  ///< Empty: not said.
};

std::string text_in(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// Nothing: not a scan as documented.
std::optional<Scan> read_scan(const json& body) {
  constexpr std::array<std::string_view, 4> kMembers = {"scanType", "platform", "message",
                                                        "scannedAt"};
  if (!body.is_object()) return std::nullopt;
  for (const auto& [key, value] : body.items()) {
    if (std::ranges::find(kMembers, key) == kMembers.end()) return std::nullopt;
  }
  const auto platform = text_in(body, "platform");
  Scan scan{text_in(body, "message"), text_in(body, "scannedAt")};
  if (text_in(body, "scanType") != "nfc" || scan.message.empty()) return std::nullopt;
  if (platform != "apple" && platform != "google") return std::nullopt;
  if (body.contains("scannedAt") && !from_rfc3339(scan.scanned_at)) return std::nullopt;
  return scan;
}

json reader_instructions(bool success, const std::string& result) {
  return {{"success", success},
          {"led", success ? "green" : "red"},
          {"beep", true},
          {"message", result}};
}

}  // namespace

bool PassNinjaApi::lists(const HttpRequest& request) const {
  const auto& path = request.target.segments;
  return request.method == "GET" && path.size() == 3 && path[1] == "passes";
}

ApiAnswer PassNinjaApi::admit(const HttpRequest& request) const {
  if (is_passninja_scan(request)) {
    if (settings_.reader_token.empty()) {
      return api_error(403, "ENTERPRISE_REQUIRED", "Readers are not part of this account");
    }
    const auto token = bearer_of(request);
    if (!token) return api_error(401, "UA1", "Unauthorized request");
    if (!is_secret(*token, settings_.reader_token)) return api_error(403, "UA2", "Forbidden");
    return {};
  }
  const auto key = request.header("x-api-key");
  const auto account = request.header("x-account-id");
  if (!key || !account) return api_error(401, "UA1", "Unauthorized request");
  const bool known = *account == settings_.account_id && is_secret(*key, settings_.api_key);
  if (!known) return api_error(403, "UA2", "Forbidden");
  return {};
}

ApiAnswer PassNinjaApi::failing(int status) const {
  if (status == 429) return api_error(429, "RL1", "Rate limit exceeded");
  return api_error(status, "GE77", "Generic Error");
}

ApiAnswer PassNinjaApi::answer(const HttpRequest& request, const ListQuirks& quirks) {
  const auto& path = request.target.segments;
  if (is_passninja_scan(request)) return scan(request);
  if (path.size() < 3 || path.size() > 4 || path[0] != "v1" || path[1] != "passes") {
    return plain_error(404, "no such route");
  }
  PassTemplate* of = book_.find(path[2]);
  if (of == nullptr) return api_error(404, "MR1", "Pass template does not exist");
  if (path.size() == 3) {
    if (request.method == "GET") return list(*of, request.target, quirks);
    return plain_error(405, "method not allowed");
  }
  CloudPass* pass = of->find(path[3]);
  if (pass == nullptr) return api_error(404, "MR2", "Pass does not exist");
  if (request.method == "GET") return show(*of, *pass);
  if (request.method == "PATCH" || request.method == "PUT") return write(*of, *pass, request);
  if (request.method == "DELETE") {
    of->destroy(*pass);
    return {200, pass->serial, {}, {}};
  }
  return plain_error(405, "method not allowed");
}

ApiAnswer PassNinjaApi::list(const PassTemplate& of, const Target& target,
                             const ListQuirks& quirks) const {
  const auto page = count_parameter(target, "page", 1);
  const auto asked = count_parameter(target, "per_page", kPassninjaPerPage);
  if (!page || !asked) {
    return plain_error(400, "page and per_page are positive integers");
  }
  const auto part = target.parameter("search");
  const auto found = part ? search(of, *part) : std::vector<std::size_t>{};
  const std::size_t total = part ? found.size() : of.count();
  const bool paged = target.parameter("page").has_value();
  const std::size_t per_page =
      paged ? std::min(*asked, settings_.max_per_page) : std::max<std::size_t>(total, 1);
  const std::size_t shown = quirks.same_page || !paged ? 1 : *page;

  json rows = json::array();
  // Compared by division: the page number is the client's and may be huge.
  const std::size_t begin = shown - 1 > total / per_page ? total : (shown - 1) * per_page;
  const std::size_t end = begin + std::min(per_page, total - begin);
  for (std::size_t i = begin; i < end; ++i)
    rows.push_back(list_row(of, of.at(part ? found[i] : i)));
  json body = {{"passes", std::move(rows)}};
  if (paged) {
    const std::size_t claimed = total + quirks.extra_total;
    const std::size_t pages = (claimed + per_page - 1) / per_page;
    body["meta"] = {{"current_page", *page},
                    {"total_pages", quirks.same_page ? *page + 1 : pages},
                    {"total_count", claimed},
                    {"per_page", per_page}};
  }
  return {200, std::move(body), {}, {}};
}

ApiAnswer PassNinjaApi::show(const PassTemplate& of, const CloudPass& pass) {
  json body = passninja_row(of, pass);  // status and dates are in the list only
  body["pass"] = of.values(pass);
  return {200, std::move(body), {}, {}};
}

ApiAnswer PassNinjaApi::write(const PassTemplate& of, CloudPass& pass, const HttpRequest& request) {
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object() || !body.contains("pass") || !body["pass"].is_object()) {
    return api_error(400, "MI1", "Invalid pass body");
  }
  const json& fields = body["pass"];
  for (const auto& [key, value] : fields.items()) {
    if (!of.has_key(key) || value.is_structured()) {
      return api_error(400, "MI1", "The keys do not fit the pass template");
    }
  }
  if (request.method == "PUT") {
    pass.fields.clear();  // what is left out goes back to the template's default
    ++pass.puts;
  } else {
    ++pass.patches;
  }
  for (const auto& [key, value] : fields.items()) pass.fields.insert_or_assign(key, value);
  push_updated(of, pass);
  return {200, passninja_row(of, pass), {}, {}};
}

ApiAnswer PassNinjaApi::scan(const HttpRequest& request) {
  if (request.method != "POST") return plain_error(405, "method not allowed");
  const json body = json::parse(request.body, nullptr, false);
  if (body.is_object() && body.contains("payload")) {
    return api_error(400, "IP1", "The sandbox holds no keys: send the decrypted message");
  }
  const auto scan = read_scan(body);
  if (!scan) return api_error(400, "MI1", "Invalid scan body");
  const std::string scan_id = fresh_id("scan_");
  std::string result = "unresolved";
  json named = nullptr;
  for (const auto& known : book_.templates()) {
    // A reader is bound to every template here.
    PassTemplate* of = book_.find(known.id());
    CloudPass* pass = of->find_ever(scan->message);
    if (pass == nullptr) continue;
    result = judge(*pass, scan_id, scan->scanned_at);
    named = {{"passTemplate", of->id()}, {"passId", pass->serial}};
    break;
  }
  return {200,
          {{"scanId", scan_id},
           {"result", result},
           {"pass", std::move(named)},
           {"readerInstructions", reader_instructions(result == "accepted", result)}},
          result == "accepted" ? std::string{} : result,
          {}};
}

std::string PassNinjaApi::judge(CloudPass& pass, const std::string& scan_id,
                                const std::string& scanned_at) {
  const auto now = clock_.monotonic();
  const auto last = last_accepted_.find(pass.id);
  std::string result = "accepted";
  if (pass.destroyed || pass.voided || pass.status == "Expired") {
    result = "rejected_inactive";
  } else if (last != last_accepted_.end() && now - last->second < settings_.rescan_window) {
    result = "rejected_replay";
  }
  const bool accepted = result == "accepted";
  const auto at = to_rfc3339_ms(clock_.now());
  if (accepted) {
    last_accepted_.insert_or_assign(pass.id, now);
    ++pass.redeemed_count;
    if (pass.redeemed_at.empty()) pass.redeemed_at = at;
  }
  pass.redemptions.push_back({.id = scan_id,
                              .accepted = accepted,
                              .reason = accepted ? std::string{} : result,
                              .by = "reader",
                              .comment = scanned_at,
                              .at = at});
  return result;
}

/// A CloudEvents body with the subscription's bearer. The attempt counter stays 1:
/// who sends it again sends the same bytes.
void PassNinjaApi::push_updated(const PassTemplate& of, const CloudPass& pass) {
  if (settings_.webhook_secret.empty()) return;
  const json snapshot = pass.fields.empty() ? json(nullptr) : of.values(pass);
  const json event = {
      {"specversion", "1.0"},
      {"id", fresh_uuid(clock_.now())},
      {"source", "https://api.passninja.com/accounts/" + settings_.account_id},
      {"type", "pn.pass.updated"},
      {"datacontenttype", "application/json"},
      {"time", to_rfc3339_ms(clock_.now())},
      {"pnattempt", 1},
      {"data", {{"pass_template", of.id()}, {"pass_id", pass.serial}, {"metadata", snapshot}}}};
  Push push;
  push.body = event.dump(-1, ' ', false, json::error_handler_t::replace);
  push.headers = {
      {"Content-Type", "application/json"},
      {"Authorization", "Bearer " + std::string(text_of(settings_.webhook_secret.expose()))}};
  pushes_.push_back(std::move(push));
}

}  // namespace passgate::sim
