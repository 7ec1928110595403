// SPDX-License-Identifier: Apache-2.0
// Internal to sim/tap: what more than one of the phones says on the wire.
#pragma once

#include <cstdint>
#include <string_view>

#include "apdu/apdu.h"

namespace passgate::sim {

inline constexpr std::string_view kOse = "OSE.VAS.01";

// ISO 7816-4 §5.6.
inline constexpr apdu::StatusWord kWrongLength{0x6700};
inline constexpr apdu::StatusWord kNoSuchApplet{0x6A82};
inline constexpr apdu::StatusWord kWrongP1P2{0x6B00};
inline constexpr apdu::StatusWord kUnknownIns{0x6D00};
inline constexpr apdu::StatusWord kUnknownClass{0x6E00};

// Smart Tap.
inline constexpr apdu::StatusWord kDoesNotParse{0x9402};
inline constexpr std::uint8_t kBinary = 0x04;  ///< Format byte of a primitive value.

}  // namespace passgate::sim
