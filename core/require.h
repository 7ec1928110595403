// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>

namespace passgate {

[[noreturn]] inline void require_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: required: %s\n", file, line, expression);
  std::abort();
}

}  // namespace passgate

/// A broken precondition is a defect of ours: continuing could admit somebody
/// twice, so the process stops and the service manager starts it again.
#define PG_REQUIRE(expression)                          \
  (static_cast<bool>(expression) ? static_cast<void>(0) \
                                 : ::passgate::require_failed(#expression, __FILE__, __LINE__))
