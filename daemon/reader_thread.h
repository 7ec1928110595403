// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "daemon/card_visitor.h"
#include "daemon/reader_status.h"
#include "daemon/stoppable_thread.h"

namespace passgate::daemon {

struct ReaderPulse;

/// One reader, served by a thread of its own from construction to `stop()`.
///
/// The visitor belongs to that thread. When the thread hangs in a call to the
/// reader, it is left behind with its visitor and everything it uses: the
/// process then ends with _exit, not by destroying what the visitor refers to.
/// Used by one thread; `status()` by any.
class ReaderThread {
 public:
  ReaderThread(std::string pcsc_name, std::unique_ptr<CardVisitor> visitor, ReaderEvents report,
               ReaderTiming timing = {});
  /// Stops, if that was not done.
  ~ReaderThread();
  ReaderThread(const ReaderThread&) = delete;
  ReaderThread& operator=(const ReaderThread&) = delete;

  /// Returns at once; a tap that is under way goes on to its end.
  void request_stop() { thread_.request_stop(); }
  /// Waits for the end, at most until `deadline`; false when it is stuck.
  bool join_until(MonoTime deadline) { return thread_.join_until(deadline); }
  /// Both, with the timing's grace.
  bool stop();
  bool ended() const { return thread_.ended(); }

  ReaderStatus status(MonoTime now) const;

 private:
  std::string pcsc_name_;
  ReaderTiming timing_;
  std::shared_ptr<ReaderPulse> pulse_;
  StoppableThread thread_;
};

}  // namespace passgate::daemon
