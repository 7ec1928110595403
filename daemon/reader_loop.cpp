// SPDX-License-Identifier: Apache-2.0
#include "daemon/reader_loop.h"

#include <algorithm>
#include <chrono>

namespace passgate::daemon {
namespace {

using apdu::pcsc::Card;
using apdu::pcsc::Context;
using apdu::pcsc::ReaderLamp;
using apdu::pcsc::ReaderState;

/// Between two attempts to connect to a card that is there.
constexpr Milliseconds kConnectAgain{100};
/// A wait that returns sooner than this without news is no wait.
constexpr Milliseconds kSpin{1};
constexpr Milliseconds kSpinPause{20};

MonoTime now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

ReaderLoop::ReaderLoop(std::string reader, std::unique_ptr<CardVisitor> visitor,
                       ReaderEvents report, ReaderTiming timing, std::shared_ptr<ReaderPulse> pulse)
    : reader_(std::move(reader)),
      visitor_(std::move(visitor)),
      report_(std::move(report)),
      timing_(timing),
      pulse_(std::move(pulse)),
      next_pause_(timing.first_pause) {}

void ReaderLoop::run(ThreadControl& control) {
  while (!control.stopping()) {
    beat(ReaderActivity::unavailable);
    std::optional<Error> why;
    if (const auto context = Context::establish()) {
      control.waits_in(context->id());
      why = serve(control, *context);
      control.waits_in(0);
    } else {
      why = context.error();
    }
    if (!why) continue;
    note_unavailable(*why);
    control.pause(next_pause_);
    next_pause_ = std::min(2 * next_pause_, timing_.last_pause);
  }
}

std::optional<Error> ReaderLoop::serve(ThreadControl& control, const Context& context) {
  ReaderLamp lamp(context, reader_, [this](const Error& why) {
    if (!std::exchange(lamp_failed_, true)) report("lamp_failed", why);
  });
  Arrival arrival;
  while (!control.stopping()) {
    beat(unavailable_because_ ? ReaderActivity::unavailable : ReaderActivity::idle);
    const auto began = now();
    const auto state = context.wait_for_change(reader_, arrival.known(), timing_.wait);
    if (!state) return state.error();
    const auto news = take(arrival, *state);
    if (news == Arrival::News::none && now() - began < kSpin) control.pause(kSpinPause);
    if (news == Arrival::News::card) tap(control, context, lamp, arrival);
  }
  return std::nullopt;
}

void ReaderLoop::tap(ThreadControl& control, const Context& context, ReaderLamp& lamp,
                     Arrival& arrival) {
  beat(ReaderActivity::in_tap);
  auto card = connect(control, context, arrival);
  if (!card) {
    report("card_lost", card.error());
    return;
  }
  ++pulse_->visits;
  lamp.use(&*card);
  visitor_->visit(*card, lamp);
  lamp.use(nullptr);
}  // the end of `card` releases it, if the visitor did not

Result<Card> ReaderLoop::connect(ThreadControl& control, const Context& context, Arrival& arrival) {
  const auto deadline = now() + timing_.connect_patience;
  for (;;) {
    auto card = Card::connect(context, reader_);
    // Whoever connects late can meet the next phone, whose own announcement
    // would then have it visited twice: so look again. After a failure the look
    // is also the pause before the next attempt, and ends when the card leaves.
    const auto state = card ? context.wait_for_change(reader_, ReaderState{}, Milliseconds{0})
                            : context.wait_for_change(reader_, arrival.known(), kConnectAgain);
    if (!state) return std::unexpected(state.error());
    const bool another = take(arrival, *state) == Arrival::News::card;
    if (!arrival.known().card_present()) return fail(Errc::card_removed);
    const bool out_of_time = control.stopping() || now() >= deadline;
    if ((card && !another) || out_of_time) return card;
  }
}

Arrival::News ReaderLoop::take(Arrival& arrival, ReaderState state) {
  const auto news = arrival.observe(state);
  if (news == Arrival::News::none) return news;
  if (state.unavailable()) {
    note_unavailable(Error(Errc::reader_gone));
  } else {
    note_available();
  }
  return news;
}

void ReaderLoop::beat(ReaderActivity activity) {
  pulse_->activity.store(activity);
  pulse_->heartbeat.store(now());
}

void ReaderLoop::note_unavailable(const Error& why) {
  const bool known = unavailable_because_ && unavailable_because_->code() == why.code();
  unavailable_because_ = why;
  pulse_->activity.store(ReaderActivity::unavailable);  // Whoever hears of it may look at once.
  if (!known) report("reader_unavailable", why);
}

void ReaderLoop::note_available() {
  next_pause_ = timing_.first_pause;
  if (!unavailable_because_) return;
  unavailable_because_.reset();
  pulse_->activity.store(ReaderActivity::idle);
  report("reader_available", std::nullopt);
}

void ReaderLoop::report(std::string_view what, std::optional<Error> why) const {
  if (report_) report_({what, reader_, why});
}

}  // namespace passgate::daemon
