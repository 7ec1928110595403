// SPDX-License-Identifier: Apache-2.0
// type_on_node NODE LAYOUT TEXT…: types each text on a uinput keyboard made at
// NODE and prints one line a text. For tests that watch the system calls.
#include <chrono>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "hid/keyboard_sink.h"
#include "hid/layout.h"
#include "hid/uinput_keyboard.h"

namespace {

using namespace std::chrono_literals;
using passgate::hid::KeyboardSink;
using passgate::hid::Layout;
using passgate::hid::UinputKeyboard;

int print(const passgate::Error& error) {
  const std::string code(name(error.code()));
  std::printf("%s %d\n", code.c_str(), error.detail());
  return 1;
}

int run(std::span<char*> arguments) {
  auto layout = Layout::compile(arguments[1]);
  if (!layout) return print(layout.error());
  auto keyboard = UinputKeyboard::create({.node = arguments[0], .settle = 0ms}, layout->codes());
  if (!keyboard) return print(keyboard.error());
  KeyboardSink sink(std::move(*layout), std::move(*keyboard), std::nullopt);
  for (const char* text : arguments.subspan(2)) {
    if (const auto typed = sink.type(text); typed) {
      std::printf("typed\n");
    } else {
      print(typed.error());
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  return run({argv + 1, static_cast<std::size_t>(argc) - 1});
}
