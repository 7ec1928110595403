// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passworks_redeem.h"

#include "sync/provider/verdict.h"

namespace passgate::sync {

namespace {

constexpr std::size_t kMostPages = 20;

/// The log is not where the vendor mentions it.
bool is_not_offered(int status) {
  return status == 404 || status == 405;
}

}  // namespace

RedeemStep PassworksLoggedRedeem::begin() {
  return may_have_left_ ? search() : send();
}

RedeemStep PassworksLoggedRedeem::go_on(const Result<HttpAnswer>& answer, WallTime now) {
  if (!answer) {
    const bool unreadable = searching_ && answer.error().code() == Errc::too_large;
    return unreadable ? cannot_tell() : RedeemStep(failure_of(answer.error()));
  }
  if (searching_ && is_not_offered(answer->status)) return cannot_tell();
  const auto failure = passworks_failure(*answer, now);
  if (!failure) return searching_ ? take_log(*answer) : RedeemStep(Recorded{});
  if (searching_ || !is_refused_write(*answer, *failure)) return *failure;
  // "Already redeemed" may mean by us: an earlier try can arrive late.
  refusal_ = answer->status;
  return search();
}

RedeemStep PassworksLoggedRedeem::send() {
  searching_ = false;
  return Send{redeem_request(), "sent"};
}

RedeemStep PassworksLoggedRedeem::search() {
  searching_ = true;
  page_ = 1;
  body_.clear();
  return Send{calls().redemptions(id(), page_), std::nullopt};
}

/// The log's shape is not documented: what is looked for is the text itself.
RedeemStep PassworksLoggedRedeem::take_log(const HttpAnswer& answer) {
  if (answer.body.find(marker()) != std::string::npos) return Recorded{};
  const auto next = next_page(answer);
  if (!next || (next->page && *next->page != page_ + 1)) return cannot_tell();
  if (next->told && !next->page) return not_in_log();
  const auto json = nlohmann::json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return cannot_tell();
  const bool empty = json.is_array() && json.empty();
  if (empty || answer.body == body_) return not_in_log();
  if (++page_ > kMostPages) return cannot_tell();
  body_ = answer.body;
  return Send{calls().redemptions(id(), page_), std::nullopt};
}

RedeemStep PassworksLoggedRedeem::not_in_log() {
  if (refusal_ != 0) return passworks_refused(refusal_);
  return send();
}

RedeemStep PassworksLoggedRedeem::cannot_tell() const {
  if (refusal_ != 0) return passworks_refused(refusal_);
  return Recorded{.certain = false};
}

}  // namespace passgate::sync
