// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/card_visitor.h"
#include "daemon/reader_status.h"
#include "daemon/stoppable_thread.h"

namespace passgate::daemon {

/// Keeps one ReaderThread for each reader that pcscd lists and that is ours, as
/// readers come and go and pcscd with them. Its own thread does the looking.
/// `readers()` and `pcsc_available()` from any thread; the rest by one thread.
class ReaderSupervisor {
 public:
  /// Asked once for each reader that appears, from the supervisor's thread.
  /// Null: not ours.
  using VisitorFactory = std::function<std::unique_ptr<CardVisitor>(const std::string& pcsc_name)>;

  ReaderSupervisor(VisitorFactory factory, ReaderEvents report, ReaderTiming timing = {});
  /// Stops, if that was not done.
  ~ReaderSupervisor();
  ReaderSupervisor(const ReaderSupervisor&) = delete;
  ReaderSupervisor& operator=(const ReaderSupervisor&) = delete;

  /// Lets taps that are under way finish, at most for the timing's grace.
  /// @return How many threads hang in a call and were left behind. Unless it is
  ///         0, end the process with _exit: they still use their visitors.
  std::size_t stop();

  /// By PC/SC name.
  std::vector<ReaderStatus> readers() const;
  bool pcsc_available() const;

 private:
  class Readers;
  ReaderTiming timing_;
  std::shared_ptr<Readers> readers_;
  StoppableThread thread_;
};

}  // namespace passgate::daemon
