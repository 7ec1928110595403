// SPDX-License-Identifier: Apache-2.0
#include "sync/subscriber_link.h"

#include <algorithm>

#include "sync/worker.h"

namespace passgate::sync {

namespace {

// More than a handshake takes. A worker that died while it asked must not leave
// the others waiting for ever.
constexpr std::chrono::seconds kAskingLasts{20};
// One lost answer is no outage: an event that makes the subscriber drop the
// connection must not be sent again whenever another one gets through.
constexpr unsigned kOutage = 2;

}  // namespace

SubscriberLink::SubscriberLink(Settings settings, MonoTime now, std::function<void()> wake)
    : settings_(std::move(settings)), wake_(std::move(wake)) {
  state_.with([&](State& state) {
    state.quiet_until = now;
    state.asked_until = now;
    if (!settings_.origin.empty()) {
      state.handshake.emplace(settings_.origin, settings_.retry_base, now);
    }
  });
}

SubscriberLink::Leave SubscriberLink::leave(MonoTime now) {
  return state_.with([&](State& state) -> Leave {
    if (state.disabled) return {Permit::wait, now + kLongSleep};
    if (now < state.quiet_until) return {Permit::wait, state.quiet_until};
    if (!state.handshake || state.handshake->consented(now)) return {Permit::deliver, now};
    const auto at = std::max(state.handshake->ask_at(), state.asked_until);
    if (now < at) return {Permit::wait, at};
    state.asked_until = now + kAskingLasts;
    return {Permit::ask, now};
  });
}

MonoTime SubscriberLink::claim(MonoTime now) {
  return state_.with([&](State& state) {
    if (state.disabled) return now + kLongSleep;
    return state.handshake ? state.handshake->claim(now) : now;
  });
}

std::optional<HttpRequest> SubscriberLink::handshake() const {
  return state_.with([&](const State& state) -> std::optional<HttpRequest> {
    if (!state.handshake) return std::nullopt;
    return state.handshake->request(settings_.url);
  });
}

Status SubscriberLink::take_handshake(const Result<HttpAnswer>& answer, MonoTime now, WallTime wall,
                                      double random) {
  const auto taken = state_.with([&](State& state) -> Status {
    if (!state.handshake) return fail(Errc::out_of_sequence);
    const auto consent = state.handshake->take(answer, now, wall, random);
    state.asked_until = now;
    state.last_status = answer ? std::optional(answer->status) : std::nullopt;
    state.last_error = consent ? "" : name(consent.error().code());
    return consent;
  });
  if (taken) wake_();
  return taken;
}

bool SubscriberLink::note(const Attempt& attempt) {
  return state_.with([&](State& state) {
    state.last_status = attempt.status;
    state.last_error = attempt.error;
    if (attempt.error == name(Errc::unreachable)) {
      ++state.unreachable_in_a_row;
      return false;
    }
    const bool was_out = std::exchange(state.unreachable_in_a_row, 0U) >= kOutage;
    return was_out && attempt.error.empty();
  });
}

void SubscriberLink::disable() {
  state_.with([](State& state) { state.disabled = true; });
}

void SubscriberLink::quiet(MonoTime until) {
  state_.with([&](State& state) { state.quiet_until = std::max(state.quiet_until, until); });
}

MonoTime SubscriberLink::quiet_until() const {
  return state_.with([](const State& state) { return state.quiet_until; });
}

SubscriberLink::Report SubscriberLink::report(MonoTime now) const {
  return state_.with([&](const State& state) -> Report {
    return {.disabled = state.disabled,
            .without_consent = state.handshake && !state.handshake->consented(now),
            .last_status = state.last_status,
            .last_error = state.last_error};
  });
}

}  // namespace passgate::sync
