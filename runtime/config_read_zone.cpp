// SPDX-License-Identifier: Apache-2.0
// [[zone]]: how many a part of the venue takes, and when it is empty.
#include <array>
#include <charconv>

#include "runtime/config_reader.h"

namespace passgate::runtime {

using std::chrono::minutes;

namespace {

/// "04:00".
std::optional<minutes> time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  std::array<int, 2> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view digits = text.substr(i * 3, 2);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), parts.at(i));
    const bool whole = read.ptr == digits.data() + digits.size();
    if (digits[0] == '-' || read.ec != std::errc() || !whole) return std::nullopt;
  }
  if (parts[0] > 23 || parts[1] > 59) return std::nullopt;
  return std::chrono::hours(parts[0]) + minutes(parts[1]);
}

void read_emptying(TableReader& table, ZoneConfig& zone) {
  zone.timezone = table.optional_text("timezone").value_or("");
  if (const auto text = table.optional_text("empties_at")) {
    zone.empties_at = time_of_day(*text);
    if (!zone.empties_at) table.problem_of("empties_at", "is no time of day", "\"04:00\"");
  }
  if (table.has("empties_at") && zone.timezone.empty()) {
    table.problem_of("empties_at", "needs timezone: where it is that late",
                     "timezone = \"Europe/Berlin\"");
  } else if (table.has("timezone") && !table.has("empties_at")) {
    table.problem_of("timezone", "goes with empties_at", "empties_at = \"04:00\"");
  }
}

}  // namespace

ZoneConfig read_zone(const Node& node, Reading& reading) {
  constexpr std::int64_t kMost = 1'000'000;
  reading.shown.push_back({"[[zone]]", {}});
  TableReader table(node, "", reading);
  ZoneConfig zone;
  zone.origin = node.where;
  zone.name = table.required_text("name");
  if (table.has("capacity")) {
    zone.capacity = static_cast<unsigned>(table.required_integer("capacity", 1, kMost));
  }
  table.knows("capacity");
  read_emptying(table, zone);
  table.finish();
  return zone;
}

}  // namespace passgate::runtime
