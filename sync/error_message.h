// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "runtime/frame.h"

namespace passgate::sync {

/// What sync.sock answers where it cannot do what it was asked (docs/errors.md).
inline runtime::Message error_message(Errc code) {
  return {{"type", "error"}, {"error", name(code)}};
}

}  // namespace passgate::sync
