// SPDX-License-Identifier: Apache-2.0
#include "sync/http/retry_after.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <string>

namespace passgate::sync {

std::optional<WallTime> http_date(std::string_view text) {
  // IMF-fixdate, RFC 850, asctime. The process never leaves the C locale, so
  // the names of days and months are English.
  static constexpr std::array<const char*, 3> kForms = {
      "%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"};
  const std::string copy(text);
  for (const char* form : kForms) {
    std::tm parts{};
    const char* end = strptime(copy.c_str(), form, &parts);
    if (end == nullptr || *end != '\0') continue;
    const std::time_t seconds = timegm(&parts);
    return WallTime(std::chrono::seconds(seconds));
  }
  return std::nullopt;
}

namespace {

std::optional<Milliseconds> bounded(Milliseconds wait) {
  return std::clamp(wait, Milliseconds(0), Milliseconds(kLongestRetryAfter));
}

}  // namespace

std::optional<Milliseconds> retry_after(const HttpAnswer& answer, WallTime now) {
  const auto value = answer.header("retry-after");
  if (!value || value->empty()) return std::nullopt;
  if (value->find_first_not_of("0123456789") == std::string_view::npos) {
    std::int64_t seconds = 0;
    const auto [end, error] =
        std::from_chars(value->data(), value->data() + value->size(), seconds);
    // More digits than fit is a long time all the same.
    if (error != std::errc()) return Milliseconds(kLongestRetryAfter);
    return bounded(std::chrono::seconds(std::min<std::int64_t>(seconds, 86400)));
  }
  const auto until = http_date(*value);
  if (!until) return std::nullopt;
  const auto date = answer.header("date");
  const auto their_now = date ? http_date(*date) : std::nullopt;
  return bounded(*until - their_now.value_or(now));
}

}  // namespace passgate::sync
