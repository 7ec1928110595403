// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "hid/layout.h"

namespace passgate::hid {

/// What goes down a line to a till, where no keys are pressed. Pure. Takes and
/// refuses what a keyboard of the layout would, so that a terminal may change
/// from one to the other.
/// @param newline  Sent for Enter, which is "\n", "\r" or "\r\n" in `text`.
/// Errors: those of plan_keys().
Result<std::string> line_text(std::string_view text, const Layout& layout,
                              std::string_view newline);

}  // namespace passgate::hid
