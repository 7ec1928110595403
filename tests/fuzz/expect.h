// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>

namespace passgate::fuzz {

[[noreturn]] inline void broken(const char* what, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
  __builtin_trap();
}

}  // namespace passgate::fuzz

/// What holds whatever the input is; the trap makes libFuzzer keep the input.
#define FUZZ_EXPECT(expression)                         \
  (static_cast<bool>(expression) ? static_cast<void>(0) \
                                 : ::passgate::fuzz::broken(#expression, __FILE__, __LINE__))
