// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace passgate::sim {

/// The mood a phone is in when it meets the reader.
enum class PhoneState : std::uint8_t {
  ready,
  locked,  ///< It has passes to give, but its owner has to unlock it first.
  choose,  ///< Its owner has to pick one of them.
};

}  // namespace passgate::sim
