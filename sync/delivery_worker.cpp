// SPDX-License-Identifier: Apache-2.0
#include "sync/delivery_worker.h"

#include <fmt/format.h>

#include <algorithm>

#include "sync/backoff.h"
#include "sync/http/retry_after.h"
#include "sync/standard_webhooks.h"

namespace passgate::sync {

namespace {

constexpr Milliseconds kTimeout{10000};
constexpr Milliseconds kShortestPause{1000};  // For "Retry-After: 0".
constexpr int kGone = 410;

/// Empty: delivered. Any 2xx is success, everything else is not.
std::string error_name(const Result<HttpAnswer>& answer) {
  if (!answer) return std::string(passgate::name(answer.error().code()));
  if (answer->status >= 200 && answer->status < 300) return "";
  return std::string(passgate::name(answer->status == 429 ? Errc::rate_limited : Errc::rejected));
}

}  // namespace

DeliveryWorker::DeliveryWorker(Settings settings, Parts parts)
    : settings_(std::move(settings)),
      parts_(std::move(parts)),
      to_{JobKind::delivery, settings_.name},
      quiet_until_(parts_.clock.monotonic()) {}

DeliveryWorker::Report DeliveryWorker::report() const {
  return report_.with([](const Report& report) { return report; });
}

MonoTime DeliveryWorker::step() {
  const auto now = parts_.clock.monotonic();
  if (disabled_) return now + kLongSleep;
  if (now < quiet_until_) return quiet_until_;
  const auto job = parts_.outbox.next_due(to_, parts_.times.at(now));
  if (!job) {
    check(std::unexpected(job.error()));
    return quiet_until_;
  }
  if (!*job) {
    const auto next = parts_.outbox.next_time(to_);
    if (!next || !*next) return now + kLongSleep;
    return std::min(parts_.times.mono(**next), now + kLongSleep);
  }
  Attempt attempt{.at = parts_.clock.now(), .took = {}, .status = {}, .error = {}};
  const auto answer = parts_.http.perform(request_for(**job));
  if (!answer && answer.error().code() == Errc::stopped) return now + kLongSleep;
  attempt.took = std::chrono::duration_cast<Milliseconds>(parts_.clock.monotonic() - now);
  settle(**job, answer, std::move(attempt));
  return std::max(quiet_until_, parts_.clock.monotonic());
}

HttpRequest DeliveryWorker::request_for(const Job& job) const {
  const auto timestamp = std::chrono::floor<std::chrono::seconds>(parts_.clock.now());
  HttpRequest request;
  request.method = "POST";
  request.url = settings_.url;
  request.body = job.body;
  request.budget = kTimeout;
  request.keep_body = false;  // Nobody reads what a subscriber says.
  request.headers = {
      {"Content-Type", "application/cloudevents+json"},
      {"webhook-id", job.event_id},
      {"webhook-timestamp", fmt::format("{}", timestamp.time_since_epoch().count())},
      {"webhook-signature", webhook_signature(settings_.keys, job.event_id, timestamp, job.body)}};
  if (settings_.bearer) {
    request.secret_headers = {{"Authorization", "Bearer ", &*settings_.bearer}};
  }
  return request;
}

void DeliveryWorker::settle(const Job& job, const Result<HttpAnswer>& answer, Attempt attempt) {
  if (answer) attempt.status = answer->status;
  attempt.error = error_name(answer);
  report_.with([&](Report& report) {
    report.last_status = attempt.status;
    report.last_error = attempt.error;
  });
  if (!attempt.error.empty()) return failed(job, answer, attempt);
  const auto now = parts_.times.at(parts_.clock.monotonic());
  check(parts_.outbox.finish(job, JobEnd::done, now, attempt));
  // The link is back: what only waited for it need not sit out its pause.
  const auto unreachable = passgate::name(Errc::unreachable);
  if (was_unreachable_) check(parts_.outbox.bring_forward(to_, unreachable, now));
  was_unreachable_ = false;
}

void DeliveryWorker::failed(const Job& job, const Result<HttpAnswer>& answer,
                            const Attempt& attempt) {
  const auto now = parts_.clock.monotonic();
  const auto now_as_wall = parts_.times.at(now);
  was_unreachable_ = !answer && answer.error().code() == Errc::unreachable;
  if (attempt.status == kGone) return disable(job, attempt);

  auto pause = delivery_pause(settings_.retry_base, job.attempts + 1, parts_.random());
  if (!pause) {
    parts_.log(runtime::Level::error, "gave up a delivery; it is kept",
               {{"subscriber", to_.name}, {"event", job.event_id}});
    return check(parts_.outbox.finish(job, JobEnd::dead, now_as_wall, attempt));
  }
  if (const auto asked = answer ? retry_after(*answer, parts_.clock.now()) : std::nullopt) {
    pause = std::max(*asked, kShortestPause);
    // Both speak of the subscriber as a whole, not of this event.
    if (attempt.status == 429 || attempt.status == 503) quiet_until_ = now + *pause;
  }
  check(parts_.outbox.postpone(job, now_as_wall + *pause, attempt));
}

void DeliveryWorker::disable(const Job& job, const Attempt& attempt) {
  disabled_ = true;
  report_.with([](Report& report) { report.disabled = true; });
  parts_.log(runtime::Level::error,
             "subscriber is gone (410): nothing more is sent until a restart",
             {{"subscriber", to_.name}});
  check(parts_.outbox.postpone(job, parts_.times.at(parts_.clock.monotonic()), attempt));
}

void DeliveryWorker::check(const Status& stored) {
  if (stored) return;
  parts_.log(runtime::Level::error, "outbox failed", stored.error(), {{"subscriber", to_.name}});
  quiet_until_ = parts_.clock.monotonic() + kDiskPause;
}

}  // namespace passgate::sync
