// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>

#include "cli/doctor/subject.h"

namespace passgate::cli::doctor {

/// The ids of the keys that the running passgated has for a [[pass]]; nothing:
/// it does not run, or runs without this pass.
std::optional<std::set<std::string>> loaded_keys(const Subject& subject, const std::string& pass);

/// "a52c4a0d, c0b77375"
std::string listed(const std::set<std::string>& ids);

}  // namespace passgate::cli::doctor
