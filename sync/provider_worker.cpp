// SPDX-License-Identifier: Apache-2.0
#include "sync/provider_worker.h"

#include <fmt/format.h>

#include <algorithm>

#include "sync/backoff.h"
#include "sync/redemption.h"

namespace passgate::sync {

namespace {

constexpr Milliseconds kRetryBase{1000};
constexpr Milliseconds kRetryCap{300000};
constexpr Milliseconds kShortestPause{1000};  // For "Retry-After: 0".
constexpr std::chrono::seconds kPauseWhenRefused{300};
constexpr unsigned kMostExchanges = 8;           // In one redemption.
constexpr unsigned kRedemptionsBeforeSweep = 9;  // While a sweep waits.

}  // namespace

ProviderWorker::ProviderWorker(Settings settings, Parts parts)
    : settings_(std::move(settings)),
      parts_(std::move(parts)),
      to_{JobKind::redemption, settings_.name},
      bucket_(settings_.max_rps, parts_.clock.monotonic()),
      quiet_until_(parts_.clock.monotonic()),
      next_round_(quiet_until_),
      round_began_(quiet_until_) {}

ProviderWorker::Report ProviderWorker::report() const {
  return report_.with([](const Report& report) { return report; });
}

MonoTime ProviderWorker::step() {
  const auto now = parts_.clock.monotonic();
  if (now < quiet_until_) return quiet_until_;
  const auto job = parts_.outbox.next_due(to_, parts_.times.at(now));
  if (!job) {
    disk_failed(job.error());
    return quiet_until_;
  }
  const bool sweeping = sweep_due(now);
  if (!*job && !sweeping) {
    auto next = now + kLongSleep;
    if (!settings_.templates.empty()) next = std::min(next, next_round_);
    const auto later = parts_.outbox.next_time(to_);
    if (later && *later) next = std::min(next, parts_.times.mono(**later));
    return next;
  }
  if (const auto token = bucket_.next(now); token > now) return token;
  if (*job && !(sweeping && redeemed_in_a_row_ >= kRedemptionsBeforeSweep)) {
    ++redeemed_in_a_row_;
    redeem(**job);
  } else {
    redeemed_in_a_row_ = 0;
    sweep();
  }
  return std::max(quiet_until_, parts_.clock.monotonic());
}

void ProviderWorker::redeem(const Job& job) {
  Attempt attempt{.at = parts_.clock.now(), .took = {}, .status = {}, .error = {}};
  const auto began = parts_.clock.monotonic();
  const auto order = redemption_order(job.body);
  if (!order) {
    return settle(job, Failure{Remedy::give_up, order.error(), std::nullopt}, attempt);
  }
  const auto session = parts_.provider.redeem(*order, "");
  RedeemStep step = session->start();
  for (unsigned i = 0; i < kMostExchanges; ++i) {
    const auto* send = std::get_if<Send>(&step);
    if (send == nullptr) break;
    bucket_.spend(parts_.clock.monotonic());
    const auto answer = parts_.http.perform(send->request);
    if (!answer && answer.error().code() == Errc::stopped) return;
    attempt.status = answer ? std::optional(answer->status) : std::nullopt;
    step = session->take(answer, parts_.clock.now());
  }
  if (std::holds_alternative<Send>(step)) step = Failure{};
  attempt.took = std::chrono::duration_cast<Milliseconds>(parts_.clock.monotonic() - began);
  settle(job, step, attempt);
}

void ProviderWorker::settle(const Job& job, const RedeemStep& outcome, const Attempt& attempt) {
  const auto now = parts_.times.at(parts_.clock.monotonic());
  Status stored;
  if (const auto* failure = std::get_if<Failure>(&outcome)) {
    Attempt noted = attempt;
    noted.error = std::string(name(failure->error.code()));
    if (failure->remedy == Remedy::give_up) {
      succeeded();  // The provider is there and has spoken.
      parts_.log(runtime::Level::error, "provider refused a redemption; it is kept", failure->error,
                 {{"provider", settings_.name}, {"event", job.event_id}});
      stored = parts_.outbox.finish(job, JobEnd::terminal, now, noted);
    } else {
      const auto again = failed(*failure);
      stored = parts_.outbox.postpone(job, parts_.times.at(again), noted);
    }
  } else {
    succeeded();
    stored = parts_.outbox.finish(job, JobEnd::done, now, attempt);
  }
  if (!stored) disk_failed(stored.error());
}

void ProviderWorker::succeeded() {
  failures_ = 0;
  report_.with([](Report& report) {
    report.paused = false;
    report.last_error.clear();
    report.last_status = 0;
  });
}

MonoTime ProviderWorker::failed(const Failure& failure) {
  ++failures_;
  Milliseconds pause = full_jitter(kRetryBase, kRetryCap, failures_, parts_.random());
  const bool paused = failure.remedy == Remedy::pause;
  if (paused) pause = kPauseWhenRefused;
  if (failure.retry_after) pause = std::max(*failure.retry_after, kShortestPause);
  quiet_until_ = parts_.clock.monotonic() + pause;

  const bool told = report_.with([&](Report& report) {
    const bool same = report.paused == paused && !report.last_error.empty();
    report.paused = paused;
    report.last_error = std::string(name(failure.error.code()));
    report.last_status = failure.error.detail();
    return same;
  });
  if (!told) {
    parts_.log(paused ? runtime::Level::error : runtime::Level::warning,
               paused ? "provider refuses this account" : "provider does not answer as it should",
               failure.error, {{"provider", settings_.name}});
  }
  return quiet_until_;
}

void ProviderWorker::disk_failed(const Error& error) {
  parts_.log(runtime::Level::error, "storage failed", error, {{"provider", settings_.name}});
  quiet_until_ = std::max(quiet_until_, parts_.clock.monotonic() + kDiskPause);
}

}  // namespace passgate::sync
