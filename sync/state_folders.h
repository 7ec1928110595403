// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>

#include "runtime/config.h"

namespace passgate::sync {

/// Makes `<state_dir>/sync` and `<runtime_dir>/sync` (0750) where they are
/// missing. Fails with a sentence for the operator.
std::expected<void, std::string> make_state_folders(const runtime::TerminalConfig& terminal);

}  // namespace passgate::sync
