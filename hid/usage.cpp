// SPDX-License-Identifier: Apache-2.0
#include "hid/usage.h"

#include <linux/input-event-codes.h>

#include <algorithm>
#include <array>

namespace passgate::hid {
namespace {

struct Usage {
  std::uint16_t key_code;
  std::uint8_t usage;
};

constexpr std::array kUsages = {
    Usage{KEY_A, 0x04},          Usage{KEY_B, 0x05},         Usage{KEY_C, 0x06},
    Usage{KEY_D, 0x07},          Usage{KEY_E, 0x08},         Usage{KEY_F, 0x09},
    Usage{KEY_G, 0x0A},          Usage{KEY_H, 0x0B},         Usage{KEY_I, 0x0C},
    Usage{KEY_J, 0x0D},          Usage{KEY_K, 0x0E},         Usage{KEY_L, 0x0F},
    Usage{KEY_M, 0x10},          Usage{KEY_N, 0x11},         Usage{KEY_O, 0x12},
    Usage{KEY_P, 0x13},          Usage{KEY_Q, 0x14},         Usage{KEY_R, 0x15},
    Usage{KEY_S, 0x16},          Usage{KEY_T, 0x17},         Usage{KEY_U, 0x18},
    Usage{KEY_V, 0x19},          Usage{KEY_W, 0x1A},         Usage{KEY_X, 0x1B},
    Usage{KEY_Y, 0x1C},          Usage{KEY_Z, 0x1D},         Usage{KEY_1, 0x1E},
    Usage{KEY_2, 0x1F},          Usage{KEY_3, 0x20},         Usage{KEY_4, 0x21},
    Usage{KEY_5, 0x22},          Usage{KEY_6, 0x23},         Usage{KEY_7, 0x24},
    Usage{KEY_8, 0x25},          Usage{KEY_9, 0x26},         Usage{KEY_0, 0x27},
    Usage{KEY_ENTER, 0x28},      Usage{KEY_TAB, 0x2B},       Usage{KEY_SPACE, 0x2C},
    Usage{KEY_MINUS, 0x2D},      Usage{KEY_EQUAL, 0x2E},     Usage{KEY_LEFTBRACE, 0x2F},
    Usage{KEY_RIGHTBRACE, 0x30}, Usage{KEY_BACKSLASH, 0x31}, Usage{KEY_SEMICOLON, 0x33},
    Usage{KEY_APOSTROPHE, 0x34}, Usage{KEY_GRAVE, 0x35},     Usage{KEY_COMMA, 0x36},
    Usage{KEY_DOT, 0x37},        Usage{KEY_SLASH, 0x38},     Usage{KEY_CAPSLOCK, 0x39},
    Usage{KEY_102ND, 0x64},      Usage{KEY_RO, 0x87},        Usage{KEY_YEN, 0x89}};

}  // namespace

std::uint8_t modifier_bit(std::uint16_t key_code) noexcept {
  if (key_code == KEY_LEFTSHIFT) return 1U << 1;
  if (key_code == KEY_RIGHTALT) return 1U << 6;
  return 0;
}

std::optional<std::uint8_t> keyboard_usage(std::uint16_t key_code) noexcept {
  const auto* const found = std::ranges::find(kUsages, key_code, &Usage::key_code);
  if (found == kUsages.end()) return std::nullopt;
  return found->usage;
}

}  // namespace passgate::hid
