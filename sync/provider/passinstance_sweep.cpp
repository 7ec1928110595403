// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passinstance_sweep.h"

#include "sync/provider/json_reading.h"
#include "sync/provider/pass_reading.h"
#include "sync/provider/passinstance_requests.h"
#include "sync/provider/passinstance_row.h"
#include "sync/provider/redeem_template.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestCursor = 1024;
constexpr std::size_t kLongestCheckpoint = 4096;

/// Absent when a row lacks what it is joined by.
std::optional<PassPage> page_of(const Json& items, const ProviderTemplate& of,
                                const Passinstance::Settings& settings) {
  PassPage page;
  page.rows.reserve(items.size());
  for (const auto& item : items) {
    auto row = passinstance_row(item, of, settings);
    if (!row) return std::nullopt;
    if (!row->mapped) ++page.unmapped;
    page.rows.push_back(std::move(row->mirror));
  }
  return page;
}

}  // namespace

PassinstanceSweep::PassinstanceSweep(const Passinstance::Settings& settings, ProviderTemplate of,
                                     std::string_view checkpoint)
    : settings_(settings), of_(std::move(of)), at_(place_from(checkpoint).value_or(Place{})) {}

HttpRequest PassinstanceSweep::request() const {
  const auto page = std::to_string(at_.page);
  auto request = passinstance_request(
      settings_, "GET",
      expand_path(settings_.list->path, {{"{template}", of_.pass_template},
                                         {"{page}", at_.cursor.empty() ? page : at_.cursor},
                                         {"{page_size}", std::to_string(settings_.page_size)},
                                         {"{cursor}", at_.cursor}}));
  request.answer_limit = answer_limit_for(settings_.page_size);
  return request;
}

SweepStep PassinstanceSweep::take(const HttpAnswer& answer, WallTime now) {
  if (auto failure = failure_of(answer, now)) return *failure;
  if (answer.status != 200) return bad_reply();
  const auto json = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  const auto* items = settings_.list->items.in(json);
  if (items == nullptr || !items->is_array()) return bad_reply();
  auto page = page_of(*items, of_, settings_);
  const auto next = next_in(json, items->empty());
  if (!page || !next) return bad_reply();
  return accept(std::move(*page), *next);
}

std::optional<PassinstanceSweep::Next> PassinstanceSweep::next_in(const Json& body,
                                                                  bool empty) const {
  const auto& list = *settings_.list;
  if (!list.next) {
    const bool paged = list.path.contains("{page}");
    return Next{.last = empty || !paged, .cursor = ""};
  }
  const auto* next = list.next->in(body);
  if (next == nullptr || next->is_null() || is_empty_text(*next) || *next == false) {
    return Next{.last = true, .cursor = ""};
  }
  // An empty page that names a next one could go on for ever.
  if (empty) return std::nullopt;
  // "There is more", without saying where: the page after this one.
  if (*next == true && list.path.contains("{page}")) return Next{.last = false, .cursor = ""};
  auto cursor = word_of(*next);
  if (next->is_boolean() || !cursor || cursor->size() > kLongestCursor) return std::nullopt;
  return Next{.last = false, .cursor = std::move(*cursor)};
}

SweepStep PassinstanceSweep::accept(PassPage page, const Next& next) {
  const std::string first = page.rows.empty() ? "" : page.rows.front().join_value;
  // A server that always answers with the same page would never end otherwise.
  if (!first.empty() && first == at_.first_join) return bad_reply();
  if (!next.cursor.empty() && next.cursor == at_.cursor) return bad_reply();
  at_.rows += page.rows.size();
  if (at_.rows > kMostRows) return bad_reply();
  if (next.last) return LastPage{.page = std::move(page), .distinct = at_.rows, .since = ""};
  ++at_.page;
  at_.cursor = next.cursor;
  at_.first_join = first;
  page.checkpoint = checkpoint();
  return page;
}

std::string PassinstanceSweep::checkpoint() const {
  auto text = json_text({{"page", at_.page},
                         {"cursor", at_.cursor},
                         {"rows", at_.rows},
                         {"first", at_.first_join},
                         {"path", settings_.list->path},
                         {"page_size", settings_.page_size},
                         {"join", of_.join}});
  return text.size() > kLongestCheckpoint ? std::string() : text;
}

std::optional<PassinstanceSweep::Place> PassinstanceSweep::place_from(
    std::string_view checkpoint) const {
  const auto json = Json::parse(checkpoint, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  const auto page = count_in(json, "page");
  const auto rows = count_in(json, "rows");
  const auto* cursor = text_in(json, "cursor");
  const auto* first = text_in(json, "first");
  const auto* path = text_in(json, "path");
  const auto* join = text_in(json, "join");
  if (!page || *page < 2 || !rows || cursor == nullptr || first == nullptr) return std::nullopt;
  const bool ours = path != nullptr && *path == settings_.list->path && join != nullptr &&
                    *join == of_.join && count_in(json, "page_size") == settings_.page_size;
  if (!ours) return std::nullopt;
  return Place{*page, *cursor, *rows, *first};
}

}  // namespace passgate::sync
