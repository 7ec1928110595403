// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passninja_sweep.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sync/http/url.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostRows = 10'000'000;
constexpr unsigned kMostRestarts = 3;
// The longest pass id a pattern may yield is 128 bytes: twice that is not one.
constexpr std::size_t kLongestId = 256;
constexpr std::size_t kBytesPerRow = 4096;
constexpr std::size_t kBytesBesideRows = 64UL * 1024;

Failure bad_reply() {
  return {Remedy::give_up, Error(Errc::bad_reply), std::nullopt};
}

std::optional<std::size_t> count_in(const Json& object, const char* name) {
  const auto it = object.find(name);
  if (it == object.end() || !it->is_number_integer()) return std::nullopt;
  const auto value = it->get<std::int64_t>();
  if (value < 0 || value > static_cast<std::int64_t>(kMostRows)) return std::nullopt;
  return static_cast<std::size_t>(value);
}

const std::string* text_in(const Json& object, const char* name) {
  const auto it = object.find(name);
  return it == object.end() ? nullptr : it->get_ptr<const std::string*>();
}

/// "Removed" says that the pass is in no wallet now: its holder cannot present
/// it, and may well install it again. It is not a refusal.
std::optional<gate::PassState> built_in_state(std::string_view word) {
  if (word == "Active" || word == "Removed") return gate::PassState::valid;
  if (word == "Expired") return gate::PassState::expired;
  if (word == "N/A") return gate::PassState::unknown;
  return std::nullopt;
}

/// Absent when a row is not what the documentation says a row is.
std::optional<PassPage> rows_of(const Json& passes, const char* join_member,
                                const std::map<std::string, gate::PassState>& status_map) {
  PassPage page;
  page.rows.reserve(passes.size());
  for (const auto& pass : passes) {
    if (!pass.is_object()) return std::nullopt;
    const auto* join = text_in(pass, join_member);
    const auto* status = text_in(pass, "status");
    if (join == nullptr || join->empty() || join->size() > kLongestId || status == nullptr) {
      return std::nullopt;
    }
    std::optional<gate::PassState> state;
    if (const auto mapped = status_map.find(*status); mapped != status_map.end()) {
      state = mapped->second;
    } else {
      state = built_in_state(*status);
    }
    if (!state) ++page.unmapped;
    page.rows.push_back(
        {*join, "", state.value_or(gate::PassState::unknown), std::nullopt, std::nullopt});
  }
  return page;
}

}  // namespace

HttpRequest PassNinjaSweep::request() const {
  HttpRequest request;
  request.url = fmt::format("{}/passes/{}?page={}&per_page={}", settings_.base_url,
                            percent_encode(of_.pass_template), page_, settings_.page_size);
  request.headers = {{"Accept", "application/json"}, {"X-ACCOUNT-ID", settings_.account_id}};
  request.secret_headers = {{"X-API-KEY", "", &settings_.api_key}};
  request.budget = settings_.timeout;
  request.answer_limit = kBytesBesideRows + kBytesPerRow * settings_.page_size;
  return request;
}

SweepStep PassNinjaSweep::take(const HttpAnswer& answer, WallTime now) {
  if (auto failure = failure_of(answer, now)) return *failure;
  if (answer.status != 200) return bad_reply();
  const auto json = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return bad_reply();
  const auto passes = json.find("passes");
  const auto meta = json.find("meta");
  if (passes == json.end() || !passes->is_array() || meta == json.end() || !meta->is_object()) {
    return bad_reply();
  }
  const auto page = count_in(*meta, "current_page");
  const auto pages = count_in(*meta, "total_pages");
  const auto total = count_in(*meta, "total_count");
  if (!page || !pages || !total || *page != page_) return bad_reply();
  auto rows = rows_of(*passes, of_.join == "serial" ? "serialNumber" : "id", settings_.status_map);
  if (!rows) return bad_reply();
  return accept(std::move(*rows), Meta{.page = *page, .pages = *pages, .total = *total});
}

SweepStep PassNinjaSweep::accept(PassPage page, const Meta& meta) {
  if (meta_ && (meta.total != meta_->total || meta.pages != meta_->pages)) return start_over();
  // A server that always answers with the same page would never end otherwise.
  if (meta_ && !page.rows.empty() && page.rows.front().join_value == first_join_) {
    return bad_reply();
  }
  rows_ += page.rows.size();
  if (rows_ > kMostRows) return bad_reply();
  const bool last = meta.page >= meta.pages;  // An empty template has 0 pages, or 1.
  if (last && rows_ != meta.total) return start_over();
  if (!last && page.rows.empty()) return bad_reply();
  first_join_ = page.rows.empty() ? "" : page.rows.front().join_value;
  meta_ = meta;
  ++page_;
  if (last) return LastPage{.page = std::move(page), .distinct = meta.total, .since = ""};
  return page;
}

SweepStep PassNinjaSweep::start_over() {
  if (++restarts_ > kMostRestarts) return bad_reply();
  page_ = 1;
  meta_.reset();
  first_join_.clear();
  rows_ = 0;
  return StartOver{};
}

}  // namespace passgate::sync
