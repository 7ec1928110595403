// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "apdu/apple_vas.h"
#include "apdu/session.h"
#include "apdu/smart_tap.h"

namespace passgate::apdu {

/// What a reader asks whatever phone comes; at least one of the two.
struct WalletRequest {
  std::optional<VasRequest> apple;
  std::optional<SmartTapRequest> google;
};

/// One tap with any wallet: SELECT OSE.VAS.01, then the protocol that its answer
/// names. ApplePay goes on with VAS, everything else with Smart Tap.
///
/// A phone that answers to both is asked both: when VAS ends without a pass -
/// no matching pass, or nonsense - Smart Tap follows with a SELECT of its own,
/// so that nothing VAS did is left. It does not follow an end that the person
/// has to act upon (locked, choose). The outcome is then that of Smart Tap, or
/// that of VAS when there is no Smart Tap applet.
///
/// Errors: those of the two sessions; bad_value for an empty request.
class WalletTap final : public WalletSession {
 public:
  explicit WalletTap(WalletRequest request);
  WalletTap(const WalletTap&) = delete;
  WalletTap& operator=(const WalletTap&) = delete;
  Step begin() override;
  Step feed(ResponseView answer) override;
  Limits limits() const noexcept override;

 private:
  Step dispatch(ResponseView answer);
  Step start_google(SmartTapSession::Entry entry);
  Step after(Step step);
  Step ended(Step step);

  std::optional<AppleVasSession> apple_;
  std::optional<SmartTapRequest> google_request_;  ///< Until Smart Tap begins.
  std::optional<SmartTapSession> google_;
  WalletSession* active_ = nullptr;  ///< Into *this, so a tap stays where it was made.
  std::optional<Step> vas_end_;      ///< Why VAS gave no pass.
  bool ended_ = false;
};

}  // namespace passgate::apdu
