// SPDX-License-Identifier: Apache-2.0
#include "daemon/reader_thread.h"

#include <chrono>

#include "daemon/reader_loop.h"

namespace passgate::daemon {

std::string_view name(ReaderActivity activity) noexcept {
  switch (activity) {
    case ReaderActivity::unavailable: return "unavailable";
    case ReaderActivity::idle: return "idle";
    case ReaderActivity::in_tap: return "in_tap";
    case ReaderActivity::stuck: return "stuck";
  }
  return "unlisted";
}

ReaderThread::ReaderThread(std::string pcsc_name, std::unique_ptr<CardVisitor> visitor,
                           ReaderEvents report, ReaderTiming timing)
    : pcsc_name_(std::move(pcsc_name)),
      timing_(timing),
      pulse_(std::make_shared<ReaderPulse>()),
      thread_("reader", [loop = std::make_shared<ReaderLoop>(pcsc_name_, std::move(visitor),
                                                             std::move(report), timing, pulse_)](
                            ThreadControl& control) { loop->run(control); }) {
  // Its first beat may come later than somebody's first question.
  MonoTime never{};
  pulse_->heartbeat.compare_exchange_strong(never, std::chrono::steady_clock::now());
}

ReaderThread::~ReaderThread() {
  stop();
}

bool ReaderThread::stop() {
  request_stop();
  return join_until(std::chrono::steady_clock::now() + timing_.stop_grace);
}

ReaderStatus ReaderThread::status(MonoTime now) const {
  ReaderStatus status{pcsc_name_, pulse_->activity.load(), pulse_->heartbeat.load(),
                      pulse_->visits.load()};
  if (now - status.heartbeat > timing_.stuck_after) status.activity = ReaderActivity::stuck;
  return status;
}

}  // namespace passgate::daemon
