// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/status_map.h"

#include <fmt/format.h>

namespace passgate::sync {

std::expected<StatusMap, std::string> status_map_of(
    const std::map<std::string, std::string>& words) {
  StatusMap states;
  for (const auto& [word, state] : words) {
    const auto known = gate::pass_state_from(state);
    if (!known) return std::unexpected(fmt::format("status_map: '{}' is no state", state));
    states.emplace(word, *known);
  }
  return states;
}

}  // namespace passgate::sync
