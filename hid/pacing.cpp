// SPDX-License-Identifier: Apache-2.0
#include "hid/pacing.h"

namespace passgate::hid {
namespace {

std::chrono::microseconds derived_pause(const KeyBeat& beat) {
  const auto events = static_cast<std::int64_t>(beat.events.size() * kKernelEventsPerKeyEvent);
  constexpr auto kPerStall = static_cast<std::int64_t>(kEventsPerStall);
  return (kConsumerStall * events + std::chrono::microseconds(kPerStall - 1)) / kPerStall;
}

}  // namespace

void pace(std::span<KeyBeat> beats, std::optional<std::chrono::microseconds> key_delay) {
  for (KeyBeat& beat : beats) beat.pause_after = key_delay ? *key_delay : derived_pause(beat);
}

}  // namespace passgate::hid
