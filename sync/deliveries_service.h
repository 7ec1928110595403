// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "core/clock.h"
#include "runtime/frame.h"
#include "sync/steady_wall.h"
#include "sync/store/outbox.h"

namespace passgate::sync {

/// What an operator asks of the outbox over sync.sock.
///
///   {"type":"deliveries","failed":bool,"limit":n,"before":id,"id":n}
///     all but the type may be left out; at most 100, newest first
///     -> {"type":"deliveries","deliveries":[{id,kind,destination,pass,event,state,
///        attempts,last_error,created,finished}]}; asked for one id, also
///        "tries":[{at,took_ms,status,error}], oldest first
///   {"type":"redeliver","id":n}  a failed one again -> {"type":"ok"}
///   {"type":"undo","id":n}       takes a recorded redemption back -> {"type":"ok"}
///
/// What cannot be done gives {"type":"error","error":"rejected","why":…}: unknown,
/// not_failed, use_undone (a person took the use back since), not_recorded (no
/// redemption, or none that its provider has), undone (it was asked before).
/// Other errors: bad_value, storage_*.
/// Any thread.
class DeliveriesService {
 public:
  /// Borrowed; outlive the service.
  struct Parts {
    Outbox& outbox;
    const Clock& clock;
    const SteadyWall& times;
    std::function<void()> on_jobs;  ///< After something became due.
  };
  explicit DeliveriesService(Parts parts) : parts_(std::move(parts)) {}

  /// Absent when the message is for somebody else.
  std::optional<runtime::Message> answer(const runtime::Message& message);

 private:
  runtime::Message list(const runtime::Message& message);
  runtime::Message redeliver(const runtime::Message& message);
  runtime::Message undo(const runtime::Message& message);
  Result<runtime::Message> with_tries(const JobView& job);
  WallTime due() const { return parts_.times.at(parts_.clock.monotonic()); }

  Parts parts_;
};

}  // namespace passgate::sync
