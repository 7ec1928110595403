// SPDX-License-Identifier: Apache-2.0
// Internal to hid/.
#pragma once

#include "core/result.h"

namespace passgate::hid {

/// The keyboard or the line is not there, or not any more.
/// @param error  As errno has it; it stands beside the code for whoever reads the log.
inline std::unexpected<Error> unavailable(int error) {
  return fail(Errc::input_device_unavailable, error);
}

}  // namespace passgate::hid
