// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passworks_counted.h"

#include "sync/provider/passworks_pass.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

}  // namespace

PassworksCounted::PassworksCounted(const Passworks::Settings& settings,
                                   const RedemptionOrder& order, Act act, std::string_view memo)
    : PassworksWrite(settings, order), act_(act), this_use_only_(order.this_use_only) {
  if (memo.empty()) return;
  const auto json = Json::parse(memo, nullptr, /*allow_exceptions=*/false);
  const auto* at = text_in(json, "at");
  const auto uses = at == nullptr ? std::nullopt : uses_in(json, "count");
  if (uses) {
    memo_ = Count{.uses = *uses, .at = *at};
  } else {
    memo_is_foreign_ = true;
  }
}

RedeemStep PassworksCounted::begin() {
  // Sent by another version or under another setting, without a count.
  if (memo_is_foreign_) return Recorded{.certain = false};
  return read(Phase::before);
}

RedeemStep PassworksCounted::go_on(const Result<HttpAnswer>& answer, WallTime now) {
  if (!answer) return failure_of(answer.error());
  const auto failure = passworks_failure(*answer, now);
  if (!failure) return phase_ == Phase::sent ? RedeemStep(Recorded{}) : take_count(*answer);
  if (phase_ != Phase::sent || !is_refused_write(*answer, *failure)) return *failure;
  refusal_ = answer->status;
  return read(Phase::after);
}

RedeemStep PassworksCounted::read(Phase phase) {
  phase_ = phase;
  return Send{calls().pass(id()), std::nullopt};
}

RedeemStep PassworksCounted::take_count(const HttpAnswer& answer) {
  const auto pass = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  const auto* named = id_in(pass, "id");
  const auto uses = passworks_uses(pass);
  if (named == nullptr || *named != id() || !uses) return bad_reply();
  const auto* at = id_in(pass, "redeemed_at");
  const Count now{.uses = *uses, .at = at == nullptr ? "" : *at};
  if (memo_ && has_happened(now)) return Recorded{};
  if (phase_ == Phase::after) return passworks_refused(refusal_);
  return before_sending(now);
}

RedeemStep PassworksCounted::before_sending(const Count& now) {
  const bool redeems = act_ == Act::redeem;
  // As many as before and yet another last one: somebody has reset the pass
  // since, and the redemption it shows may be ours.
  if (redeems && memo_ && now.uses == memo_->uses && now.at != memo_->at) {
    return Recorded{.certain = false};
  }
  if (!redeems && now.uses == 0) return Recorded{};  // Nothing is left to take back.
  if (!redeems && this_use_only_ && now.uses > 1) {
    return Failure{Remedy::give_up, Error(Errc::not_offered), std::nullopt};
  }
  memo_ = now;
  phase_ = Phase::sent;
  return Send{redeems ? redeem_request() : calls().reset(id()),
              json_text({{"count", now.uses}, {"at", now.at}})};
}

bool PassworksCounted::has_happened(const Count& now) const {
  return act_ == Act::redeem ? now.uses > memo_->uses : now.uses < memo_->uses;
}

}  // namespace passgate::sync
