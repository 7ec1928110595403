// SPDX-License-Identifier: Apache-2.0
#include "runtime/key_place.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

namespace passgate::runtime {
namespace {

std::string where_it_belongs(std::string_view key, std::span<const KeyPlace> places) {
  std::vector<std::string> all;
  for (const KeyPlace& place : places) {
    if (place.key != key) continue;
    all.push_back(place.mode.empty() ? std::string(place.kind)
                                     : fmt::format("{} {}", place.kind, place.mode));
  }
  return fmt::format("it belongs to {}", fmt::join(all, ", "));
}

bool has_place(std::span<const KeyPlace> places, std::string_view key, std::string_view kind,
               std::string_view mode) {
  return std::ranges::any_of(places, [&](const KeyPlace& place) {
    return place.key == key && place.kind == kind && (place.mode.empty() || place.mode == mode);
  });
}

}  // namespace

bool belongs(TableReader& table, std::string_view key, std::span<const KeyPlace> places,
             std::string_view kind) {
  if (kind.empty()) {
    table.knows(key);
    return false;
  }
  if (has_place(places, key, kind, "")) return true;
  table.refuses(key, fmt::format("means nothing to kind = \"{}\"", kind),
                where_it_belongs(key, places));
  return false;
}

bool belongs(TableReader& table, std::string_view key, std::span<const KeyPlace> places,
             std::string_view kind, std::string_view mode) {
  if (kind.empty() || mode.empty()) {
    table.knows(key);
    return false;
  }
  if (has_place(places, key, kind, mode)) return true;
  table.refuses(key, fmt::format("means nothing to kind = \"{}\" with mode = \"{}\"", kind, mode),
                where_it_belongs(key, places));
  return false;
}

}  // namespace passgate::runtime
