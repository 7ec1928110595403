// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "apdu/pcsc/card.h"
#include "apdu/pcsc/context.h"
#include "apdu/pcsc/reader_lamp.h"
#include "daemon/arrival.h"
#include "daemon/card_visitor.h"
#include "daemon/reader_status.h"
#include "daemon/stoppable_thread.h"

namespace passgate::daemon {

/// What a reader's thread tells whoever asks for its status.
struct ReaderPulse {
  std::atomic<ReaderActivity> activity = ReaderActivity::unavailable;
  std::atomic<MonoTime> heartbeat = MonoTime{};
  std::atomic<std::uint64_t> visits = 0;
};

/// What the thread of one reader does: waits for a card, has it visited, waits
/// until it has left; finds pcscd again when it went away. A card that stays is
/// one tap; a card that left and came back between two waits is two.
class ReaderLoop {
 public:
  ReaderLoop(std::string reader, std::unique_ptr<CardVisitor> visitor, ReaderEvents report,
             ReaderTiming timing, std::shared_ptr<ReaderPulse> pulse);

  /// Returns once `control` says stop.
  void run(ThreadControl& control);

 private:
  /// One context's life. Returns why it ended; nothing for a stop.
  std::optional<Error> serve(ThreadControl& control, const apdu::pcsc::Context& context);
  void tap(ThreadControl& control, const apdu::pcsc::Context& context, apdu::pcsc::ReaderLamp& lamp,
           Arrival& arrival);
  /// To the card announced last; when that leaves and another comes meanwhile,
  /// to the other, which counts as announced then.
  Result<apdu::pcsc::Card> connect(ThreadControl& control, const apdu::pcsc::Context& context,
                                   Arrival& arrival);
  /// Observes, and notes whether the reader can be reached.
  Arrival::News take(Arrival& arrival, apdu::pcsc::ReaderState state);
  void beat(ReaderActivity activity);
  void note_unavailable(const Error& why);
  void note_available();
  void report(std::string_view what, std::optional<Error> why) const;

  std::string reader_;
  std::unique_ptr<CardVisitor> visitor_;
  ReaderEvents report_;
  ReaderTiming timing_;
  std::shared_ptr<ReaderPulse> pulse_;
  Milliseconds next_pause_;
  std::optional<Error> unavailable_because_;  ///< Reported, and not yet over.
  bool lamp_failed_ = false;                  ///< Reported.
};

}  // namespace passgate::daemon
