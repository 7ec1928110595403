// SPDX-License-Identifier: Apache-2.0
#include "core/keyboard_device.h"

#include <array>
#include <utility>

namespace passgate {
namespace {

constexpr std::array kAlone = {std::pair{std::string_view("uinput"), KeyboardKind::uinput},
                               std::pair{std::string_view("none"), KeyboardKind::none}};
constexpr std::array kWithTarget = {std::pair{std::string_view("hidg:"), KeyboardKind::hidg},
                                    std::pair{std::string_view("serial:"), KeyboardKind::serial},
                                    std::pair{std::string_view("tcp:"), KeyboardKind::tcp},
                                    std::pair{std::string_view("text:"), KeyboardKind::text}};

}  // namespace

std::optional<KeyboardDevice> keyboard_device(std::string_view text) {
  for (const auto& [name, kind] : kAlone) {
    if (text == name) return KeyboardDevice{kind, ""};
  }
  for (const auto& [prefix, kind] : kWithTarget) {
    if (!text.starts_with(prefix) || text.size() == prefix.size()) continue;
    return KeyboardDevice{kind, std::string(text.substr(prefix.size()))};
  }
  return std::nullopt;
}

}  // namespace passgate
