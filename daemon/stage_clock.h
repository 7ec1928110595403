// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/card_channel.h"
#include "core/clock.h"
#include "daemon/tap_report.h"

namespace passgate::daemon {

/// Cuts one tap into stages: `lap()` is the time since the last lap.
class StageClock {
 public:
  explicit StageClock(const Clock& clock) : clock_(clock), last_(clock.monotonic()) {}
  Micros lap() {
    const MonoTime now = clock_.monotonic();
    const auto spent = std::chrono::duration_cast<Micros>(now - last_);
    last_ = now;
    return spent;
  }

 private:
  const Clock& clock_;
  MonoTime last_;
};

/// A card that adds up how long its exchanges took, so that the reader's and
/// the phone's time can be told from ours.
class TimedCard final : public apdu::CardChannel {
 public:
  TimedCard(apdu::CardChannel& card, const Clock& clock) : card_(card), clock_(clock) {}

  Result<ByteView> transmit(const apdu::CommandApdu& command) override {
    StageClock stopwatch(clock_);
    auto answer = card_.transmit(command);
    spent_ += stopwatch.lap();
    return answer;
  }
  void release() noexcept override {
    StageClock stopwatch(clock_);
    card_.release();
    spent_ += stopwatch.lap();
  }
  Micros spent() const noexcept { return spent_; }

 private:
  apdu::CardChannel& card_;
  const Clock& clock_;
  Micros spent_{0};
};

}  // namespace passgate::daemon
