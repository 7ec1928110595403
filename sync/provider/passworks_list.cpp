// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passworks_list.h"

#include <charconv>

#include "sync/provider/passworks_pass.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostChanges = 20'000;
constexpr unsigned kMostFreshStarts = 3;

/// An answer to a list as it is.
struct List {
  Json items;  ///< An array.
  bool last = false;
  std::optional<std::uint64_t> total;
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return whole && value <= kMostRows ? std::optional(value) : std::nullopt;
}

std::optional<List> read_list(const HttpAnswer& answer, std::size_t page) {
  if (answer.status != 200) return std::nullopt;
  List list;
  list.items = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  const auto next = next_page(answer);
  if (!list.items.is_array() || !next) return std::nullopt;
  if (next->page && *next->page != page + 1) return std::nullopt;
  if (const auto total = answer.header("x-total"); total && !total->empty()) {
    list.total = number(*total);
    if (!list.total) return std::nullopt;
  }
  // Where no header counts pages (a proxy may drop them), only an empty page is
  // the end: to take the first for all would call every other pass voided.
  list.last = list.items.empty() || (next->told && !next->page);
  return list;
}

bool add(PassPage& page, std::optional<PassworksRow> read) {
  if (!read) return false;
  if (read->unmapped) ++page.unmapped;
  if (read->row) page.rows.push_back(std::move(*read->row));
  return true;
}

}  // namespace

PassworksSweep::PassworksSweep(const Passworks::Settings& settings, ProviderTemplate of,
                               std::string_view checkpoint)
    : settings_(settings), of_(std::move(of)), calls_(settings, of_.pass_template) {
  resume(checkpoint);
}

HttpRequest PassworksSweep::request() const {
  return calls_.list(place_.page, "");
}

SweepStep PassworksSweep::take(const HttpAnswer& answer, WallTime now) {
  if (auto failure = passworks_failure(answer, now)) return *failure;
  const auto list = read_list(answer, place_.page);
  if (!list) return bad_reply();
  if (place_.page == 1) {
    place_.total = list->total;
    place_.since = changes_since(answer, now);
  } else if (list->total != place_.total) {
    return start_over();
  }
  PassPage page;
  for (const auto& item : list->items) {
    if (!add(page, read_passworks_pass(settings_, of_, item))) return bad_reply();
  }
  if (!list->items.empty()) {
    const auto& first = *id_in(list->items.front(), "id");
    if (first == place_.first) return bad_reply();
    place_.first = first;
  }
  return accept(std::move(page), list->items.size(), list->last);
}

SweepStep PassworksSweep::accept(PassPage page, std::size_t seen, bool last) {
  place_.seen += seen;
  place_.rows += page.rows.size();
  if (place_.seen > kMostRows) return bad_reply();
  if (place_.total) page.total = static_cast<std::size_t>(*place_.total);
  if (last) {
    if (place_.total && *place_.total != place_.seen) return start_over();
    return LastPage{.page = std::move(page),
                    .distinct = static_cast<std::size_t>(place_.rows),
                    .since = place_.since};
  }
  ++place_.page;
  page.checkpoint = checkpoint();
  return page;
}

SweepStep PassworksSweep::start_over() {
  if (++restarts_ > kMostFreshStarts) return bad_reply();
  place_ = Place{};
  return StartOver{};
}

std::string PassworksSweep::checkpoint() const {
  Json json{{"page", place_.page},   {"seen", place_.seen},   {"rows", place_.rows},
            {"first", place_.first}, {"since", place_.since}, {"per_page", settings_.page_size}};
  if (place_.total) json["total"] = *place_.total;
  return json_text(json);
}

/// All or nothing: what does not read as a place begins anew, and so does a
/// page number that belongs to pages of another size.
void PassworksSweep::resume(std::string_view checkpoint) {
  const auto json = Json::parse(checkpoint, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return;
  const auto page = uses_in(json, "page");
  const auto seen = uses_in(json, "seen");
  const auto rows = uses_in(json, "rows");
  const auto total = uses_in(json, "total");
  const auto* first = id_in(json, "first");
  const auto* since = id_in(json, "since");
  if (!page || *page < 2 || *page > kMostRows || !seen || !rows || *seen > kMostRows ||
      *rows > *seen || !total || first == nullptr || since == nullptr ||
      uses_in(json, "per_page") != settings_.page_size) {
    return;
  }
  place_.page = static_cast<std::size_t>(*page);
  place_.seen = *seen;
  place_.rows = *rows;
  place_.first = *first;
  place_.since = *since;
  if (json.contains("total")) place_.total = total;
}

HttpRequest PassworksChanges::request() const {
  return calls_.list(page_, to_rfc3339(asked_since_));
}

SweepStep PassworksChanges::take(const HttpAnswer& answer, WallTime now) {
  if (auto failure = passworks_failure(answer, now)) return *failure;
  if (since_.empty()) since_ = changes_since(answer, now);
  const auto list = read_list(answer, page_);
  if (!list) return bad_reply();
  PassPage page;
  bool moved = false;
  for (const auto& item : list->items) {
    const auto* updated = text_in(item, "updated_at");
    const auto time = updated == nullptr ? fail(Errc::bad_value) : from_rfc3339(*updated);
    if (!time || *time < std::chrono::floor<std::chrono::seconds>(asked_since_)) {
      return bad_reply();
    }
    if (!add(page, read_passworks_pass(settings_, of_, item))) return bad_reply();
    if (!seen_.insert(*id_in(item, "id")).second) moved = true;
  }
  return accept(std::move(page), list->last, moved);
}

SweepStep PassworksChanges::accept(PassPage page, bool last, bool moved) {
  if (seen_.size() > kMostChanges) {
    return Failure{Remedy::give_up, Error(Errc::too_large), std::nullopt};
  }
  if (moved) {
    // Updated again, so it went to the end and all behind its old place moved
    // up: one may have passed us on the way. Rows may come twice here.
    if (++restarts_ > kMostFreshStarts) return bad_reply();
    page_ = 1;
    seen_.clear();
    return page;
  }
  if (last) return LastPage{.page = std::move(page), .distinct = 0, .since = since_};
  ++page_;
  return page;
}

}  // namespace passgate::sync
