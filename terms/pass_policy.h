// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>

#include "gate/decision.h"
#include "runtime/config.h"

namespace passgate::terms {

/// The rules that a `[[pass]]` is judged by, as gate/decision.h takes them. The
/// error is for a person and names the line of the configuration that asks for
/// the impossible. Reads the time zone's file, if there is one to read.
std::expected<gate::PassPolicy, std::string> policy_of(const runtime::PassConfig& pass);

}  // namespace passgate::terms
