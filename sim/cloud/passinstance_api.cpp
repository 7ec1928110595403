// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/passinstance_api.h"

#include <algorithm>
#include <expected>
#include <optional>
#include <utility>

#include "core/bytes.h"
#include "crypto/digest.h"
#include "sim/cloud/count_parameter.h"

namespace passgate::sim {
namespace {

using nlohmann::json;

constexpr std::size_t kPassinstanceLimit = 25;
constexpr std::size_t kMaxLimit = 100;
constexpr std::string_view kPassinstanceType = "application/json";
constexpr std::string_view kWebhook = "wh_0000000000000001";

ApiAnswer passinstance_failure(int status, std::string_view text) {
  return {status, {{"message", text}}, {}, {}};
}

/// The text of a field as its generation writes it. Nothing: it is not one.
std::optional<json> field_value(const json& field, PassinstanceDocs docs) {
  if (docs == PassinstanceDocs::b) return field.is_string() ? std::optional(field) : std::nullopt;
  if (!field.is_object() || !field.contains("value")) return std::nullopt;
  for (const auto& [name, value] : field.items()) {
    if ((name != "value" && name != "label") || !value.is_string()) return std::nullopt;
  }
  return field["value"];
}

/// What a PUT asks for.
struct Update {
  std::optional<Fields> fields;  ///< All there are to be; absent: as they are.
  bool voids = false;
};

std::expected<Update, ApiAnswer> read_update(const HttpRequest& request, const PassTemplate& of,
                                             const CloudPass& pass, std::string_view member,
                                             PassinstanceDocs docs) {
  const auto type = request.header("content-type").value_or("");
  const json body = json::parse(request.body, nullptr, false);
  if (type.substr(0, type.find(';')) != kPassinstanceType || !body.is_object()) {
    return std::unexpected(passinstance_failure(422, "The body is to be a JSON object"));
  }
  Update update;
  for (const auto& [name, value] : body.items()) {
    if (name == "voided") {
      if (!value.is_boolean())
        return std::unexpected(passinstance_failure(422, "voided is to be a boolean"));
      if (pass.voided && !value.get<bool>()) {
        return std::unexpected(passinstance_failure(422, "A voided pass stays voided"));
      }
      update.voids = value.get<bool>();
    } else if (name == member) {
      if (!value.is_object())
        return std::unexpected(passinstance_failure(422, name + " is to be an object"));
      update.fields.emplace();
      for (const auto& [key, field] : value.items()) {
        const auto text = field_value(field, docs);
        if (!of.has_key(key) || !text) {
          return std::unexpected(
              passinstance_failure(422, "The template has no such field: " + key));
        }
        update.fields->emplace(key, *text);
      }
    } else {
      return std::unexpected(passinstance_failure(422, "Unknown member: " + name));
    }
  }
  return update;
}

}  // namespace

PassinstanceApi::PassinstanceApi(PassBook& book, SecretBytes api_key, const Clock& clock,
                                 PassinstanceOptions options)
    : book_(book), api_key_(std::move(api_key)), clock_(clock), options_(std::move(options)) {}

std::vector<std::string> PassinstanceApi::route(const Target& target) const {
  auto path = target.segments;
  if (options_.docs == PassinstanceDocs::b) {
    if (path.size() < 2 || path[0] != "api" || path[1] != "v1") return {};
    path.erase(path.begin(), path.begin() + 2);
  }
  if (path.empty() || path[0] != "passes" || path.size() > 2) return {};
  return path;
}

bool PassinstanceApi::lists(const HttpRequest& request) const {
  return options_.undocumented_reads && request.method == "GET" &&
         route(request.target).size() == 1;
}

ApiAnswer PassinstanceApi::admit(const HttpRequest& request) const {
  constexpr std::string_view kScheme = "Bearer ";
  auto given = request.header("x-api-key");
  const auto bearer = request.header("authorization").value_or("");
  if (!given && bearer.starts_with(kScheme)) given = bearer.substr(kScheme.size());
  if (given && equal_in_constant_time(bytes_of(*given), api_key_.expose())) return {};
  return passinstance_failure(401, "Unauthorized");
}

ApiAnswer PassinstanceApi::failing(int status) const {
  return passinstance_failure(status, status == 429 ? "Rate limited" : "Internal error");
}

std::vector<CloudApi::Push> PassinstanceApi::take_pushes() {
  return std::exchange(pushes_, {});
}

ApiAnswer PassinstanceApi::answer(const HttpRequest& request, const ListQuirks& quirks) {
  pushes_.clear();
  const auto path = route(request.target);
  const bool reads = request.method == "GET" && options_.undocumented_reads;
  if (path.empty()) return passinstance_failure(404, "No such route");
  if (path.size() == 1) {
    return reads ? list(request.target, quirks) : passinstance_failure(405, "Method not allowed");
  }
  const auto [of, pass] = book_.find_pass(path[1]);
  if (pass == nullptr) return passinstance_failure(404, "Pass not found");
  if (reads) return {200, row(*of, *pass), {}, {}};
  if (request.method == "PUT") return put(*of, *pass, request);
  if (request.method == "DELETE") return destroy(*of, *pass);
  return passinstance_failure(405, "Method not allowed");
}

/// No total is told, so there is none that could change (ListQuirks::extra_total).
ApiAnswer PassinstanceApi::list(const Target& target, const ListQuirks& quirks) {
  const auto wanted = target.parameter("templateId");
  if (!wanted) return passinstance_failure(422, "templateId is required");
  const PassTemplate* of = book_.find(*wanted);
  if (of == nullptr) return passinstance_failure(404, "Template not found");
  const auto page = count_parameter(target, "page", 1);
  const auto asked = count_parameter(target, "limit", kPassinstanceLimit);
  if (!page || !asked) return passinstance_failure(422, "page and limit are positive integers");
  const std::size_t limit = std::min(*asked, kMaxLimit);
  const std::size_t shown = quirks.same_page ? 1 : *page;
  const std::size_t total = of->count();
  // Compared by division: the page number is the client's and may be huge.
  const std::size_t begin = shown - 1 > total / limit ? total : (shown - 1) * limit;
  const std::size_t end = begin + std::min(limit, total - begin);
  json rows = json::array();
  for (std::size_t i = begin; i < end; ++i) rows.push_back(row(*of, of->at(i)));
  const bool more = quirks.same_page || end < total;
  return {200,
          {{"data", std::move(rows)}, {"nextPage", more ? json(*page + 1) : json(nullptr)}},
          {},
          {}};
}

ApiAnswer PassinstanceApi::put(const PassTemplate& of, CloudPass& pass,
                               const HttpRequest& request) {
  auto update = read_update(request, of, pass, fields_member(), options_.docs);
  if (!update) return std::move(update.error());
  ++pass.puts;
  const bool changes = update->fields && *update->fields != pass.fields;
  const bool voids = update->voids && !pass.voided;
  if (changes) pass.fields = std::move(*update->fields);
  if (voids) pass.voided = true;
  if (changes || voids) pass.updated = to_rfc3339(clock_.now());
  if (changes) push("pass.updated", told(of, pass));
  if (voids) push("pass.voided", told(of, pass));
  return {200, row(of, pass), {}, {}};
}

ApiAnswer PassinstanceApi::destroy(PassTemplate& of, CloudPass& pass) {
  of.destroy(pass);
  pass.updated = to_rfc3339(clock_.now());
  push("pass.deleted",
       {{"passId", pass.id}, {"templateId", of.id()}, {"serialNumber", pass.serial}});
  return {200, {{"id", pass.id}, {"deleted", true}}, {}, {}};
}

std::string_view PassinstanceApi::fields_member() const noexcept {
  return options_.docs == PassinstanceDocs::a ? "customFields" : "fields";
}

json PassinstanceApi::fields_of(const PassTemplate& of, const CloudPass& pass) const {
  json values = of.values(pass);
  if (options_.docs == PassinstanceDocs::b) return values;
  json fields = json::object();
  for (const auto& [key, value] : values.items()) {
    fields[key] = {{"value", value}, {"label", key}};
  }
  return fields;
}

json PassinstanceApi::row(const PassTemplate& of, const CloudPass& pass) const {
  std::string_view status = pass.status == "Expired" ? "expired" : "active";
  if (pass.voided) status = "voided";
  json made = {{"id", pass.id},
               {"templateId", of.id()},
               {"serialNumber", pass.serial},
               {"status", status},
               {"expirationDate", pass.expires.empty() ? json(nullptr) : json(pass.expires)},
               {"createdAt", pass.issued},
               {"updatedAt", pass.updated}};
  made[std::string(fields_member())] = fields_of(of, pass);
  return made;
}

json PassinstanceApi::told(const PassTemplate& of, const CloudPass& pass) const {
  json made = {{"passId", pass.id}, {"templateId", of.id()}, {"serialNumber", pass.serial}};
  made[std::string(fields_member())] = fields_of(of, pass);
  return made;
}

void PassinstanceApi::push(std::string_view event, json data) {
  const json body = {{"event", event},
                     {"timestamp", to_rfc3339(clock_.now())},
                     {"webhookId", kWebhook},
                     {"data", std::move(data)}};
  Push made{body.dump(-1, ' ', false, json::error_handler_t::replace),
            {{"Content-Type", std::string(kPassinstanceType)}}};
  if (!options_.push_secret.empty() && !options_.signature_header.empty()) {
    const auto mac = crypto::hmac_sha256(options_.push_secret.expose(), bytes_of(made.body));
    made.headers.emplace_back(options_.signature_header, "sha256=" + to_hex(mac));
  }
  pushes_.push_back(std::move(made));
}

}  // namespace passgate::sim
