// SPDX-License-Identifier: Apache-2.0
#include "sync/http/rate_limit.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "sync/http/retry_after.h"

namespace passgate::sync {

namespace {

// Below it a reset cannot be a Unix time: some send seconds from now instead.
constexpr std::uint64_t kFirstUnixTime = 1'000'000'000;

std::optional<std::uint64_t> number(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> number_in(const HttpAnswer& answer, std::string_view name) {
  const auto value = answer.header(name);
  return value ? number(*value) : std::nullopt;
}

Milliseconds bounded(std::uint64_t seconds) {
  constexpr auto kMost = std::chrono::seconds(kLongestRateWindow).count();
  return std::chrono::seconds(
      static_cast<std::int64_t>(std::min<std::uint64_t>(seconds, std::uint64_t{kMost})));
}

/// The parameter `;name=NUMBER` of the first item of a structured-field list.
std::optional<std::uint64_t> parameter(std::string_view item, char name) {
  item = item.substr(0, item.find(','));
  for (auto at = item.find(';'); at != std::string_view::npos; at = item.find(';')) {
    item.remove_prefix(at + 1);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    if (item.size() < 2 || item[0] != name || item[1] != '=') continue;
    return number(item.substr(2, item.find(';') - 2));
  }
  return std::nullopt;
}

std::optional<RateLimit> from_draft(const HttpAnswer& answer) {
  const auto value = answer.header("ratelimit");
  if (!value) return std::nullopt;
  const auto remaining = parameter(*value, 'r');
  const auto reset = parameter(*value, 't');
  if (!remaining || !reset) return std::nullopt;
  RateLimit limit{.remaining = *remaining, .limit = {}, .reset_in = bounded(*reset)};
  if (const auto policy = answer.header("ratelimit-policy")) limit.limit = parameter(*policy, 'q');
  return limit;
}

std::optional<RateLimit> from_older_draft(const HttpAnswer& answer) {
  const auto remaining = number_in(answer, "ratelimit-remaining");
  const auto reset = number_in(answer, "ratelimit-reset");
  if (!remaining || !reset) return std::nullopt;
  return RateLimit{.remaining = *remaining,
                   .limit = number_in(answer, "ratelimit-limit"),
                   .reset_in = bounded(*reset)};
}

std::optional<RateLimit> from_x_headers(const HttpAnswer& answer, WallTime now) {
  const auto remaining = number_in(answer, "x-ratelimit-remaining");
  const auto reset = number_in(answer, "x-ratelimit-reset");
  if (!remaining || !reset) return std::nullopt;
  RateLimit limit{.remaining = *remaining,
                  .limit = number_in(answer, "x-ratelimit-limit"),
                  .reset_in = bounded(*reset)};
  if (*reset < kFirstUnixTime) return limit;
  const auto date = answer.header("date");
  const auto their_now = (date ? http_date(*date) : std::nullopt).value_or(now);
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(their_now).time_since_epoch().count();
  const auto since_epoch = static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0));
  limit.reset_in = bounded(*reset > since_epoch ? *reset - since_epoch : 0);
  return limit;
}

}  // namespace

std::optional<RateLimit> rate_limit(const HttpAnswer& answer, WallTime now) {
  if (auto limit = from_draft(answer)) return limit;
  if (auto limit = from_older_draft(answer)) return limit;
  return from_x_headers(answer, now);
}

}  // namespace passgate::sync
