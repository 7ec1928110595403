// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/passninja_api.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace passgate::sim {
namespace {

using nlohmann::json;

constexpr std::size_t kDefaultPerPage = 10;
constexpr std::string_view kLanding = "https://i.installpass.es/p/";

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return !std::ranges::search(text, part, {}, lower, lower).empty() || part.empty();
}

/// What every answer about a pass has in common.
json row(const PassTemplate& of, const CloudPass& pass) {
  return {{"id", pass.serial},
          {"passTemplate", of.id()},
          {"serialNumber", pass.serial},
          {"urls", {{"landing", std::string(kLanding) + pass.serial}}}};
}

json list_row(const PassTemplate& of, const CloudPass& pass) {
  json made = row(of, pass);
  made["issuedDate"] = pass.issued;
  made["installedDate"] = pass.installed ? json(*pass.installed) : json(nullptr);
  made["status"] = pass.status;
  made["recipient"] = nullptr;
  return made;
}

/// A positive integer parameter. Nothing: it is there and wrong.
std::optional<std::size_t> positive(const Target& target, std::string_view name,
                                    std::size_t otherwise) {
  const auto text = target.parameter(name);
  if (!text) return otherwise;
  std::size_t value = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
  if (read.ec != std::errc{} || read.ptr != text->data() + text->size() || value == 0) {
    return std::nullopt;
  }
  return value;
}

/// The positions of a template's passes that a search finds.
std::vector<std::size_t> search(const PassTemplate& of, std::string_view part) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < of.count(); ++i) {
    if (contains_ignoring_case(of.at(i).serial, part)) found.push_back(i);
  }
  return found;
}

}  // namespace

ApiAnswer api_error(int status, std::string_view code, std::string_view text) {
  return {status, {{"error", text}, {"code", code}}, std::string(code)};
}

bool PassNinjaApi::lists(const HttpRequest& request) {
  const auto& path = request.target.segments;
  return request.method == "GET" && path.size() == 3 && path[1] == "passes";
}

ApiAnswer PassNinjaApi::answer(const HttpRequest& request, const ListQuirks& quirks) {
  const auto& path = request.target.segments;
  if (path.size() < 3 || path.size() > 4 || path[0] != "v1" || path[1] != "passes") {
    return {404, {{"error", "no such route"}}, {}};
  }
  PassTemplate* of = book_.find(path[2]);
  if (of == nullptr) return api_error(404, "MR1", "Pass template does not exist");
  if (path.size() == 3) {
    if (request.method == "GET") return list(*of, request.target, quirks);
    return {405, {{"error", "method not allowed"}}, {}};
  }
  CloudPass* pass = of->find(path[3]);
  if (pass == nullptr) return api_error(404, "MR2", "Pass does not exist");
  if (request.method == "GET") return show(*of, *pass);
  if (request.method == "PATCH" || request.method == "PUT") return write(*of, *pass, request);
  if (request.method == "DELETE") {
    of->destroy(*pass);
    return {200, pass->serial, {}};
  }
  return {405, {{"error", "method not allowed"}}, {}};
}

ApiAnswer PassNinjaApi::list(const PassTemplate& of, const Target& target,
                             const ListQuirks& quirks) const {
  const auto page = positive(target, "page", 1);
  const auto asked = positive(target, "per_page", kDefaultPerPage);
  if (!page || !asked) return {400, {{"error", "page and per_page are positive integers"}}, {}};
  const auto part = target.parameter("search");
  const auto found = part ? search(of, *part) : std::vector<std::size_t>{};
  const std::size_t total = part ? found.size() : of.count();
  const bool paged = target.parameter("page").has_value();
  const std::size_t per_page =
      paged ? std::min(*asked, max_per_page_) : std::max<std::size_t>(total, 1);
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
  return {200, std::move(body), {}};
}

ApiAnswer PassNinjaApi::show(const PassTemplate& of, const CloudPass& pass) {
  json body = row(of, pass);  // status and dates are in the list only
  body["pass"] = of.values(pass);
  return {200, std::move(body), {}};
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
  return {200, row(of, pass), {}};
}

}  // namespace passgate::sim
