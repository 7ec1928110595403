// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passmint_scan.h"

#include <algorithm>

#include "sync/provider/passmint_calls.h"
#include "sync/provider/redeem_template.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr unsigned kEntriesPerPage = 100;
constexpr unsigned kMostLogPages = 20;

Failure refused(int status) {
  return {Remedy::give_up, Error(Errc::rejected, status), std::nullopt};
}

}  // namespace

PassmintScan::PassmintScan(const Passmint::Settings& settings, RedemptionOrder order,
                           std::string_view memo)
    : settings_(settings),
      order_(std::move(order)),
      patch_(settings, order_, PassmintPatch::Act::record),
      id_(passmint_id(order_)) {
  if (!memo.empty()) recall(memo);
}

RedeemStep PassmintScan::start() {
  if (id_.empty()) return not_listed_yet();
  if (phase_ == Phase::patch) return counted();
  if (may_have_left_) return look_in_log(Doubt::lost);
  return Send{passmint_list_redemptions(settings_, id_, 1, ""), std::nullopt};
}

RedeemStep PassmintScan::take(const Result<HttpAnswer>& answer, WallTime now) {
  if (phase_ == Phase::patch) return patching(patch_.take(answer, now));
  if (!answer) {
    // An answer came; that it could not be read does not undo the scan.
    const bool answered = answer.error().code() == Errc::too_large;
    if (phase_ == Phase::scan && answered) return look_in_log(Doubt::undecided);
    return failure_of(answer.error());
  }
  if (auto failure = failure_of(*answer, now)) return *failure;
  switch (phase_) {
    case Phase::baseline: return take_baseline(*answer);
    case Phase::scan: return take_decision(*answer);
    case Phase::log: return take_log(*answer);
    case Phase::patch: break;
  }
  return bad_reply();
}

void PassmintScan::recall(std::string_view memo) {
  const auto json = Json::parse(memo, nullptr, /*allow_exceptions=*/false);
  const auto* phase = text_in(json, "phase");
  const auto* newest = text_in(json, "newest");
  may_have_left_ = true;
  if (phase != nullptr && *phase == "scan" && newest != nullptr) {
    newest_ = *newest;
    return;
  }
  phase_ = Phase::patch;
  const auto* certain = value_at(json, "/certain");
  // A memo of another version: what was sent is anybody's guess.
  certain_ = phase != nullptr && *phase == "patch" && certain != nullptr && *certain == true;
}

std::string PassmintScan::memo() const {
  if (phase_ == Phase::patch) return json_text({{"phase", "patch"}, {"certain", certain_}});
  return json_text({{"phase", "scan"}, {"newest", newest_}});
}

RedeemStep PassmintScan::scan() {
  phase_ = Phase::scan;
  const auto code = expand_redeem_template(settings_.code, order_);
  return Send{passmint_post_scan(settings_, code), memo()};
}

RedeemStep PassmintScan::look_in_log(Doubt doubt) {
  phase_ = Phase::log;
  doubt_ = doubt;
  after_.clear();
  first_.clear();
  pages_ = 0;
  return Send{passmint_list_redemptions(settings_, id_, kEntriesPerPage, ""), std::nullopt};
}

RedeemStep PassmintScan::take_baseline(const HttpAnswer& answer) {
  const auto list = read_passmint_list(answer);
  if (!list) return bad_reply();
  if (!list->items.empty()) {
    const auto* newest = id_in(list->items.front(), "id");
    if (newest == nullptr) return bad_reply();
    newest_ = *newest;
  }
  return scan();
}

RedeemStep PassmintScan::take_decision(const HttpAnswer& answer) {
  const auto json = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  const auto* decision = value_at(json, settings_.decision_at);
  if (decision != nullptr && *decision == "accepted") return counted();
  if (decision == nullptr || *decision != "rejected") return look_in_log(Doubt::undecided);
  const auto* reason = value_at(json, settings_.reason_at);
  const bool used_up =
      reason != nullptr && (*reason == "already_redeemed" || *reason == "count_exhausted");
  return used_up ? look_in_log(Doubt::refused) : RedeemStep(refused(answer.status));
}

RedeemStep PassmintScan::take_log(const HttpAnswer& answer) {
  const auto list = read_passmint_list(answer);
  if (!list) return bad_reply();
  std::string first;
  for (const auto& entry : list->items) {
    const auto* id = id_in(entry, "id");
    if (id == nullptr) return bad_reply();
    if (*id == newest_) return not_in_log();
    const auto* decision = text_in(entry, "decision");
    const auto* scanner = text_in(entry, "scanner_name");
    if (decision != nullptr && *decision == "accepted" && scanner != nullptr &&
        *scanner == settings_.scanner_name) {
      return counted();
    }
    if (first.empty()) first = *id;
    after_ = *id;
  }
  if (!list->has_more) return not_in_log();
  // The cursor is documented for other lists only: it may be ignored here.
  if (first.empty() || first == first_ || ++pages_ >= kMostLogPages) return cannot_tell();
  first_ = first;
  return Send{passmint_list_redemptions(settings_, id_, kEntriesPerPage, after_), std::nullopt};
}

RedeemStep PassmintScan::not_in_log() {
  switch (doubt_) {
    case Doubt::lost: return scan();
    case Doubt::undecided: return bad_reply();
    case Doubt::refused: break;
  }
  return refused(200);
}

RedeemStep PassmintScan::cannot_tell() {
  if (doubt_ == Doubt::refused) return refused(200);
  certain_ = false;
  return counted();
}

RedeemStep PassmintScan::counted() {
  if (settings_.mode != Passmint::Mode::both) return Recorded{.certain = certain_};
  phase_ = Phase::patch;
  return patching(patch_.start());
}

RedeemStep PassmintScan::patching(RedeemStep step) const {
  if (auto* send = std::get_if<Send>(&step)) send->memo = memo();
  if (auto* recorded = std::get_if<Recorded>(&step)) recorded->certain = certain_;
  return step;
}

}  // namespace passgate::sync
