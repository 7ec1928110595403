// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"

namespace passgate::daemon {

enum class ReaderActivity : std::uint8_t {
  unavailable,  ///< No pcscd, or pcscd cannot reach the reader; tried again and again.
  idle,         ///< Waits for a card to come or to leave.
  in_tap,
  stuck,  ///< Has not beaten for too long: a call to the reader does not return.
};
std::string_view name(ReaderActivity activity) noexcept;

/// One reader as seen at one moment; a value.
struct ReaderStatus {
  std::string pcsc_name;
  ReaderActivity activity = ReaderActivity::unavailable;
  MonoTime heartbeat;        ///< When its thread last began a wait or a tap.
  std::uint64_t visits = 0;  ///< Cards handed to the visitor so far.
};

/// Something worth a line in the log. `what` is one of:
///   pcsc_unavailable, pcsc_available      the supervisor lost or found pcscd
///   reader_added, reader_removed          pcscd lists it, or no longer
///   reader_unavailable, reader_available  listed, but (not) to be reached
///   reader_stuck, reader_unstuck          its thread (no longer) hangs in a call
///   card_lost                             a card came that could not be connected to
///   lamp_failed                           first failure of the lamp; not repeated
struct ReaderEvent {
  std::string_view what;
  const std::string& reader;  ///< PC/SC name; empty where it is about pcscd.
  std::optional<Error> why;   ///< Detail: the PC/SC return code.
};
/// Called from the threads of all readers at once.
using ReaderEvents = std::function<void(const ReaderEvent&)>;

/// The patience of reader threads. The defaults are for service.
struct ReaderTiming {
  /// One wait for a card. Finite, because a cancel that comes between two waits
  /// is lost, because libpcsclite can lose an event when the threads of several
  /// readers look at once (arrival.h), and because a wait that ends is the
  /// thread's sign of life.
  Milliseconds wait{500};
  Milliseconds first_pause{50};   ///< Before pcscd is tried again; doubled each time,
  Milliseconds last_pause{2000};  ///< up to this.
  /// How long a present card is tried when it cannot be powered or another
  /// program holds it.
  Milliseconds connect_patience{1000};
  /// Longer than one wait and longer than any tap.
  Milliseconds stuck_after{10'000};
  /// How long a stop waits for a thread before it leaves it behind.
  Milliseconds stop_grace{1000};
};

}  // namespace passgate::daemon
