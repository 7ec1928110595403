// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passmint_changes.h"

#include "sync/provider/passmint_calls.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

// Beyond either a full sweep asks less than one request a pass.
constexpr std::size_t kMostPasses = 20'000;
constexpr std::size_t kMostEventPages = 2'000;

Failure too_many() {
  return {Remedy::give_up, Error(Errc::too_large), std::nullopt};
}

/// The pass an event is about, in either of the shapes the vendor shows.
const std::string* pass_of(const Json& event) {
  if (const auto* id = id_in(event, "pass_id")) return id;
  const auto* pass = value_at(event, "/data/object/pass");
  return pass == nullptr ? nullptr : id_in(*pass, "id");
}

/// "template.republished" and the like; a pass's events are called "pass.…",
/// or by a single word.
bool is_about_no_pass(const Json& event) {
  const auto* type = text_in(event, "type");
  return type != nullptr && type->find('.') != std::string::npos && !type->starts_with("pass.");
}

}  // namespace

HttpRequest PassmintChanges::request() const {
  if (!policy_) return passmint_get_template(settings_, of_.pass_template);
  if (!events_end_) {
    return passmint_list_events(settings_, of_.pass_template, asked_since_, after_);
  }
  return passmint_get_pass(settings_, left_.back());
}

SweepStep PassmintChanges::take(const HttpAnswer& answer, WallTime now) {
  if (policy_ && events_end_) return take_pass(answer, now);
  if (auto failure = failure_of(answer, now)) return *failure;
  if (since_.empty()) since_ = changes_since(answer, now);
  if (policy_) return take_events(answer);
  policy_ = read_passmint_policy(answer);
  if (!policy_) return bad_reply();
  return PassPage{};
}

SweepStep PassmintChanges::take_events(const HttpAnswer& answer) {
  const auto list = read_passmint_list(answer);
  if (!list) return bad_reply();
  std::string first;
  for (const auto& event : list->items) {
    const auto* id = id_in(event, "id");
    if (id == nullptr) return bad_reply();
    if (first.empty()) first = *id;
    after_ = *id;
    const auto* pass = pass_of(event);
    if (pass == nullptr && !is_about_no_pass(event)) return bad_reply();
    if (pass != nullptr) changed_.insert(*pass);
  }
  if (changed_.size() > kMostPasses || ++pages_ > kMostEventPages) return too_many();
  if (!first.empty() && first == first_) return bad_reply();
  if (list->has_more && first.empty()) return bad_reply();
  first_ = first;
  if (list->has_more) return PassPage{};
  events_end_ = true;
  left_.assign(changed_.rbegin(), changed_.rend());
  changed_.clear();
  return step({});
}

SweepStep PassmintChanges::take_pass(const HttpAnswer& answer, WallTime now) {
  PassPage page;
  if (answer.status == 404 || answer.status == 410) {
    // Under its serial nobody can say which pass it was; the next sweep will.
    if (of_.join == "id") {
      page.rows.push_back({left_.back(), left_.back(), gate::PassState::voided, {}, {}});
    }
  } else {
    if (auto failure = failure_of(answer, now)) return *failure;
    const auto pass = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
    if (!is_of_other_template(pass, of_)) {
      auto read = read_passmint_pass(settings_, of_, *policy_, pass);
      if (!read || read->row.provider_id != left_.back()) return bad_reply();
      page.unmapped = read->unmapped ? 1 : 0;
      page.rows.push_back(std::move(read->row));
    }
  }
  left_.pop_back();
  return step(std::move(page));
}

SweepStep PassmintChanges::step(PassPage page) const {
  if (!left_.empty()) return page;
  return LastPage{.page = std::move(page), .distinct = 0, .since = since_};
}

}  // namespace passgate::sync
