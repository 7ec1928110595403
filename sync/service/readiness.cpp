// SPDX-License-Identifier: Apache-2.0
#include "sync/service/readiness.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

bool is(const Json& entry, const char* member, const Json& value) {
  const auto found = entry.is_object() ? entry.find(member) : entry.end();
  return found != entry.end() && *found == value;
}

Json list(const Json& object, const char* member) {
  const auto found = object.is_object() ? object.find(member) : object.end();
  return found != object.end() && found->is_array() ? *found : Json::array();
}

}  // namespace

std::vector<std::string> reasons_against(const Json& state, const Json& status, bool readers) {
  if (!state.is_object()) return {"core_absent"};
  std::vector<std::string> reasons;
  const auto when = [&](bool holds, const char* reason) {
    if (holds) reasons.emplace_back(reason);
  };
  const auto known = list(state, "readers");
  const auto stuck = [](const Json& one) { return is(one, "state", "stuck"); };
  const auto gone = [](const Json& one) { return is(one, "state", "unavailable"); };
  const bool no_pcsc = is(state, "pcsc", false);
  when(is(state, "journal", "out_of_order"), "journal_out_of_order");
  when(no_pcsc, "pcsc_unavailable");
  when(!no_pcsc && readers && std::ranges::all_of(known, gone), "no_reader");
  when(std::ranges::any_of(known, stuck), "reader_stuck");
  when(is(state, "clock", "unset"), "clock_unset");
  when(std::ranges::any_of(list(status, "passes"),
                           [](const Json& pass) { return is(pass, "stale", true); }),
       "mirror_stale");
  return reasons;
}

}  // namespace passgate::sync
