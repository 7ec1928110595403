// SPDX-License-Identifier: Apache-2.0
#include "terms/counted_zone.h"

#include <fmt/format.h>

#include <algorithm>

namespace passgate::terms {

std::optional<WallTime> CountedZone::emptied_at(WallTime now, ClockState clock) const {
  if (!calendar || clock == ClockState::unset) return std::nullopt;
  return calendar->last(empties_at, now);
}

std::expected<std::vector<CountedZone>, std::string> load_counted_zones(
    const runtime::Config& config) {
  std::vector<CountedZone> zones;
  for (const runtime::ZoneConfig& zone : config.zones) {
    CountedZone terms{
        .name = zone.name, .capacity = zone.capacity, .calendar = {}, .empties_at = {}};
    if (zone.empties_at) {
      terms.calendar = gate::LocalCalendar::of(zone.timezone);
      terms.empties_at = *zone.empties_at;
      if (!terms.calendar) {
        return std::unexpected(fmt::format("{}:{}: zone {}: there is no time zone {}",
                                           zone.origin.file.string(), zone.origin.line, zone.name,
                                           zone.timezone));
      }
    }
    zones.push_back(std::move(terms));
  }
  for (const runtime::ReaderConfig& reader : config.readers) {
    const bool counts = reader.mode == runtime::ReaderMode::gate && !reader.zone.empty();
    if (!counts || zone_named(zones, reader.zone) != nullptr) continue;
    zones.push_back({.name = reader.zone, .capacity = {}, .calendar = {}, .empties_at = {}});
  }
  return zones;
}

gate::EmptyingHours emptying_hours(const std::vector<CountedZone>& zones) {
  gate::EmptyingHours hours;
  for (const CountedZone& zone : zones) {
    if (zone.calendar) hours.emplace(zone.name, gate::Emptying{*zone.calendar, zone.empties_at});
  }
  return hours;
}

const CountedZone* zone_named(const std::vector<CountedZone>& zones,
                              std::string_view name) noexcept {
  const auto found = std::ranges::find(zones, name, &CountedZone::name);
  return found == zones.end() ? nullptr : &*found;
}

}  // namespace passgate::terms
