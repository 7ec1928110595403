// SPDX-License-Identifier: Apache-2.0
#include "sync/handshake.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "sync/backoff.h"
#include "sync/http/retry_after.h"

namespace passgate::sync {

namespace {

constexpr Milliseconds kHandshakeTimeout{10000};
// Deliveries notice that the link is back because new taps try it at once.
// Here nothing else is sent that could.
constexpr std::chrono::minutes kLongestUnanswered{5};

/// "Per minute" as per second; nothing for "*", or when no limit is named.
Result<std::optional<double>> allowed_rate(const HttpAnswer& answer) {
  const auto text = answer.header("webhook-allowed-rate").value_or("*");
  if (text == "*") return std::nullopt;
  std::uint32_t a_minute = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), a_minute);
  // What we do not understand we cannot keep to.
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || a_minute == 0) {
    return fail(Errc::bad_reply);
  }
  return a_minute / 60.0;
}

}  // namespace

Handshake::Handshake(std::string origin, Milliseconds retry_base, MonoTime now)
    : origin_(std::move(origin)), retry_base_(retry_base), ask_at_(now) {}

HttpRequest Handshake::request(const std::string& url) const {
  HttpRequest request;
  request.method = "OPTIONS";
  request.url = url;
  request.budget = kHandshakeTimeout;
  request.keep_body = false;
  request.headers = {{"WebHook-Request-Origin", origin_}};
  return request;
}

Status Handshake::take(const Result<HttpAnswer>& answer, MonoTime now, WallTime wall,
                       double random) {
  const auto refused = [&](Error error) -> Status {
    consented_ = false;
    refusals_ = std::min(refusals_ + 1, kDeliveryAttempts - 1);  // Asking never ends.
    auto pause = delivery_pause(retry_base_, refusals_, random).value_or(kLongestUnanswered);
    if (!answer) pause = std::min<Milliseconds>(pause, kLongestUnanswered);
    if (const auto asked = answer ? retry_after(*answer, wall) : std::nullopt) {
      pause = std::max(*asked, kShortestPause);
    }
    ask_at_ = now + pause;
    return std::unexpected(error);
  };
  if (!answer) return refused(answer.error());
  // Any server may answer OPTIONS with any status; only this header is a yes.
  const auto allowed = answer->header("webhook-allowed-origin").value_or("");
  if (allowed != "*" && allowed != origin_) return refused(Error(Errc::rejected, answer->status));
  const auto rate = allowed_rate(*answer);
  if (!rate) return refused(rate.error());
  // The same rate again: what was sent in this minute still counts.
  if (*rate != per_second_ || !bucket_) {
    per_second_ = *rate;
    bucket_.reset();
    if (per_second_) bucket_.emplace(*per_second_, now);
  }
  consented_ = true;
  refusals_ = 0;
  ask_at_ = now + kConsentLasts;
  return {};
}

bool Handshake::consented(MonoTime now) const {
  return consented_ && now < ask_at_;
}

MonoTime Handshake::claim(MonoTime now) {
  if (!bucket_) return now;
  const auto at = bucket_->next(now);
  if (at <= now) bucket_->spend(now);
  return at;
}

}  // namespace passgate::sync
