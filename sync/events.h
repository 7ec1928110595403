// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/tap_record.h"

namespace passgate::sync {

inline constexpr std::string_view kScannedType = "passgate.pass.scanned";
inline constexpr std::string_view kRedeemedType = "passgate.pass.redeemed";

/// What a record is about, for people and for order: "TEMPLATE/PASS_ID", or the
/// template alone when no key opened the pass.
std::string subject_of(const gate::TapRecord& record);

/// A CloudEvents 1.0 event in the JSON format, ready to be sent.
struct Event {
  std::string id;  ///< "<tap id>-scanned" or "-redeemed"; without a '.', as Standard Webhooks asks.
  std::string type;  ///< kScannedType or kRedeemedType.
  std::string body;  ///< The same bytes for the same record, always.
};

/// The events a record stands for: every record was scanned, one that consumed
/// a use was redeemed as well. In the order they are to be told.
std::vector<Event> events_of(const gate::TapRecord& record);

}  // namespace passgate::sync
