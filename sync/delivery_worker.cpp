// SPDX-License-Identifier: Apache-2.0
#include "sync/delivery_worker.h"

#include <fmt/format.h>

#include <algorithm>

#include "sync/backoff.h"
#include "sync/http/retry_after.h"
#include "sync/standard_webhooks.h"

namespace passgate::sync {

namespace {

constexpr Milliseconds kDeliveryTimeout{10000};
constexpr int kGone = 410;

/// Empty: delivered. Any 2xx is success, everything else is not.
std::string error_name(const Result<HttpAnswer>& answer) {
  if (!answer) return std::string(passgate::name(answer.error().code()));
  if (answer->status >= 200 && answer->status < 300) return "";
  return std::string(passgate::name(answer->status == 429 ? Errc::rate_limited : Errc::rejected));
}

}  // namespace

DeliveryWorker::DeliveryWorker(Parts parts, Share share)
    : parts_(std::move(parts)),
      settings_(parts_.link.settings()),
      to_{JobKind::delivery, settings_.name},
      share_(share),
      disk_rests_until_(parts_.clock.monotonic()) {}

MonoTime DeliveryWorker::step() {
  const auto now = parts_.clock.monotonic();
  if (now < disk_rests_until_) return disk_rests_until_;
  const auto leave = parts_.link.leave(now);
  if (leave.permit == SubscriberLink::Permit::ask) return ask();
  if (leave.permit == SubscriberLink::Permit::wait) return std::min(leave.at, now + kLongSleep);
  const auto job = parts_.outbox.next_due(to_, parts_.times.at(now), share_);
  if (!job) {
    check(std::unexpected(job.error()));
    return disk_rests_until_;
  }
  if (!*job) {
    const auto next = parts_.outbox.next_time(to_, share_);
    if (!next || !*next) return now + kLongSleep;
    return std::min(parts_.times.mono(**next), now + kLongSleep);
  }
  if (const auto allowed = parts_.link.claim(now); allowed > now) return allowed;
  return deliver(**job);
}

MonoTime DeliveryWorker::ask() {
  const auto request = parts_.link.handshake();
  if (!request) return parts_.clock.monotonic();
  const auto answer = parts_.http.perform(*request);
  const auto now = parts_.clock.monotonic();
  if (!answer && answer.error().code() == Errc::stopped) return now + kLongSleep;
  const auto consent = parts_.link.take_handshake(answer, now, parts_.clock.now(), parts_.random());
  if (!consent) {
    parts_.log(runtime::Level::warning, "no consent to deliveries; nothing is sent",
               consent.error(), {{"subscriber", to_.name}});
  }
  return now;
}

MonoTime DeliveryWorker::deliver(const Job& job) {
  const auto began = parts_.clock.monotonic();
  Attempt attempt{.at = parts_.clock.now(), .took = {}, .status = {}, .error = {}};
  const auto answer = parts_.http.perform(request_for(job));
  const auto now = parts_.clock.monotonic();
  if (!answer && answer.error().code() == Errc::stopped) return now + kLongSleep;
  attempt.took = std::chrono::duration_cast<Milliseconds>(now - began);
  settle(job, answer, std::move(attempt));
  return std::max({parts_.clock.monotonic(), disk_rests_until_, parts_.link.quiet_until()});
}

HttpRequest DeliveryWorker::request_for(const Job& job) const {
  const auto timestamp = std::chrono::floor<std::chrono::seconds>(parts_.clock.now());
  HttpRequest request;
  request.method = "POST";
  request.url = settings_.url;
  request.body = job.body;
  request.budget = kDeliveryTimeout;
  request.keep_body = false;  // Nobody reads what a subscriber says.
  request.headers = {
      {"Content-Type", "application/cloudevents+json"},
      {"webhook-id", job.event_id},
      {"webhook-timestamp", fmt::format("{}", timestamp.time_since_epoch().count())},
      {"webhook-signature", webhook_signature(settings_.keys, job.event_id, timestamp, job.body)}};
  if (!settings_.origin.empty()) {
    request.headers.emplace_back("WebHook-Request-Origin", settings_.origin);
  }
  if (settings_.bearer) {
    request.secret_headers = {{"Authorization", "Bearer ", &*settings_.bearer}};
  }
  return request;
}

void DeliveryWorker::settle(const Job& job, const Result<HttpAnswer>& answer, Attempt attempt) {
  if (answer) attempt.status = answer->status;
  attempt.error = error_name(answer);
  const bool link_is_back = parts_.link.note(attempt);
  if (!attempt.error.empty()) return failed(job, answer, attempt);
  const auto now = parts_.times.at(parts_.clock.monotonic());
  check(parts_.outbox.finish(job, JobEnd::done, now, attempt));
  if (!link_is_back) return;
  // What only waited for it need not sit out its pause, whosever share it is.
  check(parts_.outbox.bring_forward(to_, passgate::name(Errc::unreachable), now));
  parts_.link.wake();
}

void DeliveryWorker::failed(const Job& job, const Result<HttpAnswer>& answer,
                            const Attempt& attempt) {
  const auto now = parts_.clock.monotonic();
  const auto now_as_wall = parts_.times.at(now);
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
    if (attempt.status == 429 || attempt.status == 503) parts_.link.quiet(now + *pause);
  }
  check(parts_.outbox.postpone(job, now_as_wall + *pause, attempt));
}

void DeliveryWorker::disable(const Job& job, const Attempt& attempt) {
  parts_.link.disable();
  parts_.log(runtime::Level::error,
             "subscriber is gone (410): nothing more is sent until a restart",
             {{"subscriber", to_.name}});
  check(parts_.outbox.postpone(job, parts_.times.at(parts_.clock.monotonic()), attempt));
}

void DeliveryWorker::check(const Status& stored) {
  if (stored) return;
  parts_.log(runtime::Level::error, "outbox failed", stored.error(), {{"subscriber", to_.name}});
  disk_rests_until_ = parts_.clock.monotonic() + kDiskPause;
}

}  // namespace passgate::sync
