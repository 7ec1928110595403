// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passmint_sweep.h"

#include "sync/provider/passmint_calls.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

}  // namespace

PassmintSweep::PassmintSweep(const Passmint::Settings& settings, ProviderTemplate of,
                             std::string_view checkpoint)
    : settings_(settings), of_(std::move(of)) {
  resume(checkpoint);
}

HttpRequest PassmintSweep::request() const {
  return policy_ ? passmint_list_passes(settings_, of_.pass_template, after_)
                 : passmint_get_template(settings_, of_.pass_template);
}

SweepStep PassmintSweep::take(const HttpAnswer& answer, WallTime now) {
  if (auto failure = failure_of(answer, now)) return *failure;
  if (since_.empty()) since_ = changes_since(answer, now);
  if (policy_) return accept(answer);
  policy_ = read_passmint_policy(answer);
  if (!policy_) return bad_reply();
  return PassPage{};
}

SweepStep PassmintSweep::accept(const HttpAnswer& answer) {
  const auto list = read_passmint_list(answer);
  if (!list) return bad_reply();
  PassPage page;
  for (const auto& item : list->items) {
    auto read = read_passmint_pass(settings_, of_, *policy_, item);
    if (!read) return bad_reply();
    if (read->unmapped) ++page.unmapped;
    page.rows.push_back(std::move(read->row));
  }
  if (list->has_more && page.rows.empty()) return bad_reply();
  // The API's first generation knows no cursor: it gives the same page for ever.
  if (!page.rows.empty() && page.rows.front().provider_id == first_) return bad_reply();
  rows_ += page.rows.size();
  if (rows_ > kMostRows) return bad_reply();
  if (!list->has_more) {
    return LastPage{.page = std::move(page), .distinct = rows_, .since = since_};
  }
  first_ = page.rows.front().provider_id;
  after_ = page.rows.back().provider_id;
  page.checkpoint = checkpoint();
  return page;
}

std::string PassmintSweep::checkpoint() const {
  Json json{{"after", after_}, {"first", first_}, {"rows", rows_}, {"since", since_}};
  if (policy_->most) json["most"] = *policy_->most;
  return json_text(json);
}

/// All or nothing: what does not read as a place begins anew.
void PassmintSweep::resume(std::string_view checkpoint) {
  const auto json = Json::parse(checkpoint, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return;
  const auto* after = id_in(json, "after");
  const auto* first = id_in(json, "first");
  const auto* since = id_in(json, "since");
  const auto rows = uses_in(json, "rows");
  const auto most = uses_in(json, "most");
  if (after == nullptr || first == nullptr || since == nullptr || !rows || *rows > kMostRows ||
      !most) {
    return;
  }
  after_ = *after;
  first_ = *first;
  since_ = *since;
  rows_ = static_cast<std::size_t>(*rows);
  policy_ = PassmintPolicy{};
  if (*most > 0) policy_->most = most;
}

}  // namespace passgate::sync
