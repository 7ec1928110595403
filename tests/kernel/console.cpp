// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/console.h"

#include <fcntl.h>
#include <linux/kd.h>
#include <linux/keyboard.h>
#include <linux/vt.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <map>

#include "core/require.h"
#include "tests/kernel/guest.h"

namespace passgate::kernel {
namespace {

constexpr int kTerminal = 12;  ///< Where nobody puts a login.
constexpr unsigned char kKeys = 128;
constexpr std::array<unsigned char, 4> kTables = {0, 1U << KG_SHIFT, 1U << KG_ALTGR,
                                                  (1U << KG_SHIFT) | (1U << KG_ALTGR)};

/// The kernel's dead keys and what they give with the space bar.
char dead_key_of(unsigned short symbol) {
  static const std::map<unsigned short, char> dead = {
      {K_DGRAVE, '`'}, {K_DCIRCM, '^'}, {K_DTILDE, '~'}};
  const auto found = dead.find(symbol);
  return found == dead.end() ? '\0' : found->second;
}

}  // namespace

Console::Console()
    : fd_(::open(("/dev/tty" + std::to_string(kTerminal)).c_str(),
                 O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
  PG_REQUIRE(fd_);
  ::vt_stat state{};
  PG_REQUIRE(::ioctl(fd_.get(), VT_GETSTATE, &state) == 0);
  shown_before_ = state.v_active;
  PG_REQUIRE(::ioctl(fd_.get(), VT_ACTIVATE, kTerminal) == 0);
  PG_REQUIRE(::ioctl(fd_.get(), VT_WAITACTIVE, kTerminal) == 0);
  ::termios settings{};
  PG_REQUIRE(::tcgetattr(fd_.get(), &settings) == 0);
  // Lines, but nothing that edits, interrupts or echoes.
  settings.c_lflag = ICANON;
  settings.c_iflag = ICRNL | IUTF8;
  for (cc_t& character : settings.c_cc) character = _POSIX_VDISABLE;
  PG_REQUIRE(::tcsetattr(fd_.get(), TCSAFLUSH, &settings) == 0);
}

Console::~Console() {
  static_cast<void>(load_keymap("us"));
  ::ioctl(fd_.get(), VT_ACTIVATE, shown_before_);
  ::ioctl(fd_.get(), VT_WAITACTIVE, shown_before_);
}

bool Console::load_keymap(const std::string& name) {
  return run("loadkeys -q -C /dev/tty" + std::to_string(kTerminal) + " " + name);
}

bool Console::has(char character) const {
  for (const unsigned char table : kTables) {
    for (unsigned char key = 1; key < kKeys; ++key) {
      ::kbentry entry{.kb_table = table, .kb_index = key, .kb_value = 0};
      if (::ioctl(fd_.get(), KDGKBENT, &entry) != 0) continue;
      const unsigned type = KTYP(entry.kb_value);
      const bool plain = type == KT_LATIN || type == KT_LETTER;
      if (plain && KVAL(entry.kb_value) == static_cast<unsigned char>(character)) return true;
      if (type == KT_DEAD && dead_key_of(entry.kb_value) == character) return true;
    }
  }
  return false;
}

bool Console::caps_lock() const {
  char flags = 0;
  return ::ioctl(fd_.get(), KDGKBLED, &flags) == 0 && (flags & K_CAPSLOCK) != 0;
}

std::string Console::read_line() {
  std::string line;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!line.ends_with('\n') && std::chrono::steady_clock::now() < deadline) {
    ::pollfd waiting{fd_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 100) <= 0) continue;
    std::array<char, 4096> part{};
    const ssize_t size = ::read(fd_.get(), part.data(), part.size());
    if (size > 0) line.append(part.data(), static_cast<std::size_t>(size));
  }
  return line;
}

}  // namespace passgate::kernel
