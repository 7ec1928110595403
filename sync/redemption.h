// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "gate/tap_record.h"
#include "sync/provider/session.h"

namespace passgate::sync {

/// A redemption as the outbox keeps it. Which fields the provider is told
/// follows from the configuration when it is sent.
std::string redemption_body(const gate::TapRecord& record);
/// Errors: bad_value.
Result<RedemptionOrder> redemption_order(std::string_view body);

/// The event id of a tap's redemption in the outbox, and of its undoing.
std::string redemption_event_id(std::string_view tap_id);
std::string undo_event_id(std::string_view tap_id);

/// The body of a job that takes back the redemption of the tap that `undo`, an
/// operator's, refers to.
std::string undo_body_of(const gate::TapRecord& undo);

/// The body of a job that takes the redemption of `body` back. Errors: bad_value.
Result<std::string> undo_body(std::string_view body);
bool is_undo(std::string_view body);

}  // namespace passgate::sync
