// SPDX-License-Identifier: Apache-2.0
// Internal to apdu/: the applet that every wallet answers first.
#pragma once

#include <string>
#include <string_view>

#include "apdu/apdu.h"
#include "apdu/tlv.h"

namespace passgate::apdu {

inline constexpr std::string_view kAppleLabel = "ApplePay";
inline constexpr std::string_view kGoogleLabel = "AndroidPay";

/// SELECT of the AID OSE.VAS.01.
CommandApdu select_ose();

/// What the applet answers: its FCI (tag 6F), and whose wallet it is (tag 50).
struct OseAnswer {
  TlvList fci;
  std::string label;  ///< Fit for a log line; cut after 32 characters.

  /// @param data  Borrowed; must outlive the answer.
  /// Errors: those of TlvList::parse.
  static Result<OseAnswer> parse(ByteView data);
};

}  // namespace passgate::apdu
