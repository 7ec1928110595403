// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/visit.h"

namespace passgate::sim {

std::string_view name(Departure departure) noexcept {
  switch (departure) {
    case Departure::released: return "released";
    case Departure::silence: return "silence";
    case Departure::time_over: return "time_over";
    case Departure::reader_closed: return "reader_closed";
    case Departure::phone_left: return "phone_left";
  }
  return "";
}

void Visit::count(ByteView answer) {
  ++answered;
  if (statuses.size() == kMostStatuses) return;
  statuses.push_back(answer.size() < 2 ? std::uint16_t{0} : be16(answer.last(2)));
}

}  // namespace passgate::sim
