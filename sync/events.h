// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/tap_record.h"

namespace passgate::sync {

inline constexpr std::string_view kScannedType = "passgate.pass.scanned";
inline constexpr std::string_view kRedeemedType = "passgate.pass.redeemed";
inline constexpr std::string_view kOverriddenType = "passgate.pass.overridden";
inline constexpr std::string_view kUndoneType = "passgate.pass.undone";
inline constexpr std::string_view kConflictType = "passgate.pass.conflict";

/// What a record is about, for people and for order: "TEMPLATE/PASS_ID", or the
/// template alone when no key opened the pass.
std::string subject_of(const gate::TapRecord& record);

/// A CloudEvents 1.0 event in the JSON format, ready to be sent.
struct Event {
  std::string id;    ///< "<tap id>-scanned" and so on; without a '.', as Standard Webhooks asks.
  std::string type;  ///< One of the above.
  std::string body;  ///< The same bytes for the same record, always.
};

/// The events a record stands for: a tap was scanned, an operator's act overridden
/// or undone; what consumed a use was redeemed as well. In the order they are to
/// be told. A conflict is told in the same bytes by every terminal that finds it:
/// source and time are those of the record it is about, and it has no sequence.
std::vector<Event> events_of(const gate::TapRecord& record);

}  // namespace passgate::sync
