// SPDX-License-Identifier: Apache-2.0
#include "apdu/wallet.h"

#include <utility>

#include "apdu/ose.h"

namespace passgate::apdu {
namespace {

bool is_apple(ResponseView answer) {
  if (answer.sw() != kSuccess) return false;
  const auto ose = OseAnswer::parse(answer.data());
  return ose && ose->label == kAppleLabel;
}

/// An end of VAS after which another wallet may still have the pass. Not one
/// that the person has to act upon: the phone must leave the field first.
bool leaves_room(const Step& end) {
  if (std::holds_alternative<Error>(end)) return true;
  const auto* outcome = std::get_if<Outcome>(&end);
  return outcome != nullptr && (std::holds_alternative<NoMatchingPass>(*outcome) ||
                                std::holds_alternative<NotAWallet>(*outcome));
}

bool is_no_wallet(const Step& end) {
  const auto* outcome = std::get_if<Outcome>(&end);
  return outcome != nullptr && std::holds_alternative<NotAWallet>(*outcome);
}

}  // namespace

WalletTap::WalletTap(WalletRequest request) : google_request_(std::move(request.google)) {
  if (request.apple) apple_.emplace(std::move(*request.apple));
}

Limits WalletTap::limits() const noexcept {
  return active_ != nullptr ? active_->limits() : Limits{};
}

// Both protocols begin with the same SELECT; its answer says whose it is.
Step WalletTap::begin() {
  if (ended_ || active_ != nullptr) return ended(Error(Errc::out_of_sequence));
  if (apple_) {
    if (!google_request_) active_ = &*apple_;
    return ended(apple_->begin());
  }
  if (!google_request_) return ended(Error(Errc::bad_value));
  return ended(start_google(SmartTapSession::Entry::ose));
}

Step WalletTap::feed(ResponseView answer) {
  if (ended_) return Error(Errc::out_of_sequence);
  if (active_ == nullptr) return dispatch(answer);
  return after(active_->feed(answer));
}

Step WalletTap::dispatch(ResponseView answer) {
  if (is_apple(answer)) {
    active_ = &*apple_;
  } else if (Step select = start_google(SmartTapSession::Entry::ose);
             !std::holds_alternative<CommandApdu>(select)) {
    return ended(std::move(select));
  }
  return after(active_->feed(answer));
}

Step WalletTap::start_google(SmartTapSession::Entry entry) {
  active_ = &google_.emplace(std::move(*google_request_), entry);
  google_request_.reset();
  return google_->begin();
}

Step WalletTap::after(Step step) {
  if (google_request_ && leaves_room(step)) {
    vas_end_ = std::move(step);
    return ended(start_google(SmartTapSession::Entry::applet));
  }
  if (vas_end_ && is_no_wallet(step)) return ended(std::move(*vas_end_));
  return ended(std::move(step));
}

Step WalletTap::ended(Step step) {
  ended_ = !std::holds_alternative<CommandApdu>(step);
  return step;
}

}  // namespace passgate::apdu
