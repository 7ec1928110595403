// SPDX-License-Identifier: Apache-2.0
#include "hid/pacing.h"

namespace passgate::hid {
namespace {

std::chrono::microseconds derived_pause(const KeyBeat& beat, std::size_t events_of_a_key) {
  const auto events = static_cast<std::int64_t>(beat.events.size() * events_of_a_key);
  const auto per_stall = static_cast<std::int64_t>(events_per_stall(events_of_a_key));
  return (kConsumerStall * events + std::chrono::microseconds(per_stall - 1)) / per_stall;
}

}  // namespace

void pace(std::span<KeyBeat> beats, std::optional<std::chrono::microseconds> key_delay,
          std::size_t events_of_a_key) {
  for (KeyBeat& beat : beats) {
    beat.pause_after = key_delay ? *key_delay : derived_pause(beat, events_of_a_key);
  }
}

}  // namespace passgate::hid
