// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passninja_sweep.h"

#include "sync/provider/json_reading.h"
#include "sync/provider/pass_reading.h"
#include "sync/provider/passninja_errors.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr unsigned kMostRestarts = 3;

PassPage mirrored(PassNinjaPage from) {
  PassPage page;
  page.rows.reserve(from.rows.size());
  for (auto& row : from.rows) page.rows.push_back(std::move(row.mirror));
  page.unmapped = from.unmapped;
  page.total = from.total;
  return page;
}

}  // namespace

PassNinjaSweep::PassNinjaSweep(const PassNinja::Settings& settings, ProviderTemplate of,
                               std::string_view checkpoint)
    : settings_(settings), of_(std::move(of)), done_(done_from(checkpoint)) {}

HttpRequest PassNinjaSweep::request() const {
  return passninja_list(settings_, of_, done_ ? done_->page + 1 : 1, "");
}

SweepStep PassNinjaSweep::take(const HttpAnswer& answer, WallTime now) {
  if (auto failure = passninja_failure_of(answer, now)) return *failure;
  if (answer.status != 200) return bad_reply();
  auto page = passninja_page(answer.body, of_, settings_.status_map);
  if (!page || page->page != (done_ ? done_->page + 1 : 1)) return bad_reply();
  return accept(std::move(*page));
}

SweepStep PassNinjaSweep::accept(PassNinjaPage page) {
  if (done_ && (page.total != done_->total || page.pages != done_->pages)) return start_over();
  const std::string first = page.rows.empty() ? "" : page.rows.front().mirror.join_value;
  // A server that always answers with the same page would never end otherwise.
  if (done_ && !first.empty() && first == done_->first_join) return bad_reply();
  const std::size_t rows = (done_ ? done_->rows : 0) + page.rows.size();
  if (rows > kMostRows) return bad_reply();
  const bool last = page.page >= page.pages;  // An empty template has 0 pages, or 1.
  if (last && rows != page.total) return start_over();
  if (!last && page.rows.empty()) return bad_reply();
  done_ = Done{page.page, page.pages, page.total, rows, first};
  PassPage read = mirrored(std::move(page));
  if (last) return LastPage{.page = std::move(read), .distinct = done_->total, .since = ""};
  read.checkpoint = checkpoint();
  return read;
}

SweepStep PassNinjaSweep::start_over() {
  if (++restarts_ > kMostRestarts) return bad_reply();
  done_.reset();
  return StartOver{};
}

std::string PassNinjaSweep::checkpoint() const {
  return json_text({{"page", done_->page},
                    {"pages", done_->pages},
                    {"total", done_->total},
                    {"rows", done_->rows},
                    {"first", done_->first_join},
                    {"page_size", settings_.page_size},
                    {"join", of_.join}});
}

std::optional<PassNinjaSweep::Done> PassNinjaSweep::done_from(std::string_view checkpoint) const {
  const auto json = Json::parse(checkpoint, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  const auto page = count_in(json, "page");
  const auto pages = count_in(json, "pages");
  const auto total = count_in(json, "total");
  const auto rows = count_in(json, "rows");
  const auto* first = text_in(json, "first");
  const auto* join = text_in(json, "join");
  if (!page || !pages || !total || !rows || first == nullptr || join == nullptr) {
    return std::nullopt;
  }
  const bool ours = count_in(json, "page_size") == settings_.page_size && *join == of_.join;
  if (!ours || *page == 0 || *page >= *pages) return std::nullopt;
  return Done{*page, *pages, *total, *rows, *first};
}

}  // namespace passgate::sync
