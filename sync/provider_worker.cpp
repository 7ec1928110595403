// SPDX-License-Identifier: Apache-2.0
#include "sync/provider_worker.h"

#include <algorithm>

#include "sync/backoff.h"
#include "sync/http/rate_limit.h"
#include "sync/redemption.h"

namespace passgate::sync {

namespace {

constexpr Milliseconds kLongestRetry{300000};
constexpr std::chrono::seconds kPauseWhenRefused{300};
constexpr unsigned kMostExchanges = 40;    // In one redemption: a log of 20 pages fits.
constexpr unsigned kTurnsBeforeOther = 9;  // Of what goes first, before what waits.
constexpr unsigned kSweepsWaitedFor = 20;  // Until they name a pass.
constexpr unsigned kReservedShare = 10;    // Of a window: its last tenth is for redemptions.

}  // namespace

ProviderWorker::ProviderWorker(Settings settings, Parts parts)
    : settings_(std::move(settings)),
      parts_(std::move(parts)),
      to_{JobKind::redemption, settings_.name},
      pushes_{JobKind::push, settings_.name},
      bucket_(settings_.max_rps, parts_.clock.monotonic()),
      quiet_until_(parts_.clock.monotonic()),
      sweeps_after_(quiet_until_),
      next_round_(quiet_until_),
      round_began_(quiet_until_) {
  for (const auto& of : settings_.templates) {
    const auto history = parts_.passes.history(settings_.name, of.pass_template);
    if (of.join != "id" && (!history || !history->completed_at)) names_needed_ = true;
  }
}

ProviderWorker::Report ProviderWorker::report() const {
  return report_.with([](const Report& report) { return report; });
}

MonoTime ProviderWorker::step() {
  const auto now = parts_.clock.monotonic();
  if (now < quiet_until_) return quiet_until_;
  const auto wall = parts_.times.at(now);
  const auto redemption = parts_.outbox.next_due(to_, wall);
  const auto push = redemption && !*redemption ? parts_.outbox.next_due(pushes_, wall) : redemption;
  if (!push) {
    disk_failed(push.error());
    return quiet_until_;
  }
  const bool sweeping = sweep_due(now);
  if (!*push && !sweeping) return next_appointment(now);
  if (const auto token = bucket_.next(now); token > now) return token;
  const bool sweep_first =
      names_needed_ ? sweeps_in_a_row_ < kTurnsBeforeOther : others_in_a_row_ >= kTurnsBeforeOther;
  if (*push && !(sweeping && sweep_first)) {
    ++others_in_a_row_;
    sweeps_in_a_row_ = 0;
    if (*redemption) {
      redeem(**redemption);
    } else {
      look_into(**push);
    }
  } else {
    others_in_a_row_ = 0;
    ++sweeps_in_a_row_;
    sweep();
  }
  return std::max(quiet_until_, parts_.clock.monotonic());
}

MonoTime ProviderWorker::next_appointment(MonoTime now) const {
  auto next = now + kLongSleep;
  if (!settings_.templates.empty()) {
    next = std::min(next, std::max(sweep_ ? now : next_round_, sweeps_after_));
  }
  for (const auto& destination : {to_, pushes_}) {
    const auto later = parts_.outbox.next_time(destination);
    if (later && *later) next = std::min(next, parts_.times.mono(**later));
  }
  return next;
}

Result<HttpAnswer> ProviderWorker::ask(const HttpRequest& request) {
  bucket_.spend(parts_.clock.monotonic());
  const auto error = parts_.clock.error_bound().value_or(Milliseconds(0));
  const auto asked_at = parts_.clock.now() - error;
  auto answer = parts_.http.perform(request);
  look_.reset();
  if (parts_.clock.state() != ClockState::unset) look_ = {asked_at, parts_.clock.now() + error};
  if (!answer) return answer;
  const auto limit = rate_limit(*answer, parts_.clock.now());
  if (!limit) return answer;
  const auto reset = parts_.clock.monotonic() + limit->reset_in;
  if (limit->remaining == 0) bucket_.block(reset);
  if (limit->limit && limit->remaining < *limit->limit / kReservedShare) sweeps_after_ = reset;
  return answer;
}

/// Null: the provider cannot do it.
std::unique_ptr<RedeemSession> ProviderWorker::session_for(const Job& job,
                                                           const RedemptionOrder& order) const {
  return is_undo(job.body) ? parts_.provider.undo(order, job.memo)
                           : parts_.provider.redeem(order, job.memo);
}

void ProviderWorker::redeem(const Job& job) {
  Attempt attempt{.at = parts_.clock.now(), .took = {}, .status = {}, .error = {}};
  const auto began = parts_.clock.monotonic();
  auto order = redemption_order(job.body);
  if (!order) {
    return settle(job, Failure{Remedy::give_up, order.error(), std::nullopt}, attempt);
  }
  if (is_undo(job.body)) {
    // Refused since: what the provider has of this pass is somebody else's.
    const auto refused = parts_.outbox.was_refused(to_, redemption_event_id(order->tap_id.text()));
    if (!refused) return disk_failed(refused.error());
    if (*refused) return settle(job, Recorded{}, attempt);
  }
  const auto of = std::ranges::find(settings_.templates, order->pass_template,
                                    &ProviderTemplate::pass_template);
  if (of != settings_.templates.end()) order->join = of->join;
  const auto id = parts_.passes.provider_id(settings_.name, order->pass_template, order->pass_id);
  if (id && *id) order->provider_id = **id;
  const auto session = session_for(job, *order);
  if (!session) {
    return settle(job, Failure{Remedy::give_up, Error(Errc::not_offered), std::nullopt}, attempt);
  }
  std::string memo = job.memo;
  RedeemStep step = session->start();
  for (unsigned i = 0; i < kMostExchanges; ++i) {
    const auto* send = std::get_if<Send>(&step);
    if (send == nullptr) break;
    const auto before = memo;
    if (send->memo && *send->memo != memo) {
      // Before it leaves: whoever comes after a crash must know of it.
      if (auto kept = parts_.outbox.remember(job, *send->memo); !kept) {
        return disk_failed(kept.error());
      }
      memo = *send->memo;
    }
    auto request = send->request;
    request.once = send->memo.has_value();
    const auto answer = ask(request);
    if (!answer && answer.error().code() == Errc::stopped) return;
    if (!answer && answer.error().code() == Errc::unreachable && request.once) {
      // Nothing left: who comes next need not think that it had.
      if (auto kept = parts_.outbox.remember(job, before); !kept) return disk_failed(kept.error());
    }
    attempt.status = answer ? std::optional(answer->status) : std::nullopt;
    step = session->take(answer, parts_.clock.now());
    // It got on, so the provider is there: what fails after this is its first failure,
    // not one of a row that every unlucky conversation makes longer.
    if (std::holds_alternative<Send>(step)) failures_ = 0;
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
    const bool in_vain = failure->remedy == Remedy::wait && job.attempts >= kSweepsWaitedFor;
    if (failure->remedy == Remedy::wait && !in_vain) {
      stored = parts_.outbox.postpone(job, now + settings_.refresh, noted);
    } else if (failure->remedy == Remedy::give_up || in_vain) {
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
    const bool certain = std::get<Recorded>(outcome).certain;
    if (!certain) {
      parts_.log(runtime::Level::warning, "nobody can say how often a redemption was counted",
                 {{"provider", settings_.name}, {"event", job.event_id}});
    }
    stored = parts_.outbox.finish(job, certain ? JobEnd::done : JobEnd::ambiguous, now, attempt);
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
  Milliseconds pause = full_jitter(settings_.retry_base, kLongestRetry, failures_, parts_.random());
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
