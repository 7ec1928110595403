// SPDX-License-Identifier: Apache-2.0
// The table of what is typed on.
#include <cmath>

#include "core/keyboard_device.h"
#include "runtime/config_reader.h"
#include "runtime/listen_rule.h"
#include "runtime/toml_text.h"

namespace passgate::runtime {
namespace {

constexpr const char* kForms =
    "one of: uinput, hidg:/dev/hidg0, serial:PATH, tcp:HOST:PORT, text:PATH, none";

/// The device as passgated shall take it, paths made absolute.
KeyboardKind read_device(TableReader& table, std::string& device) {
  device = table.optional_text("device").value_or(device);
  const auto named = keyboard_device(device);
  if (!named) {
    table.problem("device", "keyboard.device may not be " + toml_string(device), kForms);
    return KeyboardKind::uinput;
  }
  const std::string prefix = device.substr(0, device.size() - named->target.size());
  switch (named->kind) {
    case KeyboardKind::hidg:
    case KeyboardKind::serial:
    case KeyboardKind::text:
      device = prefix + resolve_path(named->target, table.where("device")).string();
      break;
    case KeyboardKind::tcp:
      if (tcp_place(named->target)) break;
      table.problem("device", "keyboard.device names no host and port: " + toml_string(device),
                    "\"tcp:till-3.example:4711\" or \"tcp:[2001:db8::3]:4711\"");
      break;
    case KeyboardKind::uinput:
    case KeyboardKind::none: break;
  }
  return named->kind;
}

/// A key that another device would never look at is a slip, not a wish.
void refuse_idle(TableReader& table, std::string_view key, bool used, std::string_view by) {
  if (!used) table.refuses(key, "means nothing to this device", std::string(by));
}

}  // namespace

KeyboardConfig read_keyboard(const Node& node, Reading& reading) {
  reading.shown.push_back({"[keyboard]", {}});
  TableReader table(node, "", reading);
  KeyboardConfig keyboard;
  const KeyboardKind kind = read_device(table, keyboard.device);
  keyboard.layout = table.text("layout", keyboard.layout);
  if (keyboard.layout.empty()) table.problem("layout", "keyboard.layout is empty", "us");
  if (const auto delay_ms = table.number("key_delay_ms", 0, 1000, std::nullopt)) {
    keyboard.key_delay = std::chrono::microseconds(std::llround(*delay_ms * 1000));
  }
  const bool serial = kind == KeyboardKind::serial;
  const bool line = serial || kind == KeyboardKind::tcp;
  refuse_idle(table, "baud", serial, "only with serial:PATH");
  refuse_idle(table, "newline", line, "only with serial:PATH and tcp:HOST:PORT");
  if (serial) {
    keyboard.baud = static_cast<unsigned>(table.integer("baud", 300, 4'000'000, keyboard.baud));
  }
  if (line) {
    const std::string name = table.choice("newline", {"cr", "lf", "crlf"}, "cr");
    keyboard.newline = name == "cr" ? "\r" : name == "lf" ? "\n" : "\r\n";
  }
  table.finish();
  return keyboard;
}

}  // namespace passgate::runtime
