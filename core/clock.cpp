// SPDX-License-Identifier: Apache-2.0
#include "core/clock.h"

#include <array>
#include <cstdio>

namespace passgate {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::year_month_day;

std::string format(WallTime time, bool milliseconds) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  std::array<char, 48> text{};
  const int year = static_cast<int>(date.year());
  const auto month = static_cast<unsigned>(date.month());
  const auto dom = static_cast<unsigned>(date.day());
  const auto h = static_cast<int>(clock.hours().count());
  const auto m = static_cast<int>(clock.minutes().count());
  const auto s = static_cast<int>(clock.seconds().count());
  if (milliseconds) {
    const auto ms = static_cast<int>(clock.subseconds().count());
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", year, month, dom,
                  h, m, s, ms);
  } else {
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", year, month, dom, h,
                  m, s);
  }
  return text.data();
}

/// Reads exactly `width` digits at the front of `text` and removes them.
bool take_number(std::string_view& text, std::size_t width, int& out) {
  if (text.size() < width) return false;
  out = 0;
  for (const char digit : text.substr(0, width)) {
    if (digit < '0' || digit > '9') return false;
    out = out * 10 + (digit - '0');
  }
  text.remove_prefix(width);
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

/// ".482" → 482 ms; digits beyond the third are read and dropped.
bool take_fraction(std::string_view& text, int& ms) {
  if (!take(text, '.')) return true;
  int scale = 100;
  std::size_t digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    ms += (text.front() - '0') * scale;
    scale /= 10;
    ++digits;
    text.remove_prefix(1);
  }
  return digits > 0;
}

bool take_offset(std::string_view& text, std::chrono::minutes& offset) {
  if (take(text, 'Z') || take(text, 'z')) return text.empty();
  const int sign = text.starts_with('-') ? -1 : 1;
  int h = 0;
  int m = 0;
  if (!take(text, '+') && !take(text, '-')) return false;
  if (!take_number(text, 2, h) || !take(text, ':') || !take_number(text, 2, m)) return false;
  offset = sign * (std::chrono::hours(h) + std::chrono::minutes(m));
  return text.empty() && h < 24 && m < 60;
}

/// Whether its year has the four digits that format() writes and take_number() reads.
bool has_four_digit_year(WallTime time) {
  using std::chrono::sys_days;
  using std::chrono::year;
  return time >= sys_days(year(0) / 1 / 1) && time < sys_days(year(10'000) / 1 / 1);
}

}  // namespace

std::string_view name(ClockState state) noexcept {
  switch (state) {
    case ClockState::synchronised: return "synchronised";
    case ClockState::holdover: return "holdover";
    case ClockState::unset: return "unset";
  }
  return "unset";
}

std::optional<ClockState> clock_state_from(std::string_view text) noexcept {
  for (const auto state : {ClockState::synchronised, ClockState::holdover, ClockState::unset}) {
    if (name(state) == text) return state;
  }
  return std::nullopt;
}

std::string to_rfc3339_ms(WallTime time) {
  return format(time, true);
}
std::string to_rfc3339(WallTime time) {
  return format(time, false);
}

Result<WallTime> from_rfc3339(std::string_view text) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, ms = 0;
  std::chrono::minutes offset{0};
  const bool date_ok = take_number(text, 4, y) && take(text, '-') && take_number(text, 2, mo) &&
                       take(text, '-') && take_number(text, 2, d);
  if (!date_ok || !(take(text, 'T') || take(text, 't') || take(text, ' '))) {
    return fail(Errc::bad_value);
  }
  const bool time_ok = take_number(text, 2, h) && take(text, ':') && take_number(text, 2, mi) &&
                       take(text, ':') && take_number(text, 2, s) && take_fraction(text, ms) &&
                       take_offset(text, offset);
  const year_month_day date{std::chrono::year(y), std::chrono::month(static_cast<unsigned>(mo)),
                            std::chrono::day(static_cast<unsigned>(d))};
  if (!time_ok || !date.ok() || h > 23 || mi > 59 || s > 60) return fail(Errc::bad_value);
  const WallTime time = WallTime(std::chrono::sys_days(date)) + std::chrono::hours(h) +
                        std::chrono::minutes(mi) + std::chrono::seconds(s) + Milliseconds(ms) -
                        offset;
  // A leap second or an offset may carry it out of the years that can be written.
  if (!has_four_digit_year(time)) return fail(Errc::bad_value);
  return time;
}

}  // namespace passgate
