// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <string>

#include "gate/pass_mirror.h"

namespace passgate::sync {

/// A provider's status word → what it means here.
using StatusMap = std::map<std::string, gate::PassState, std::less<>>;

/// `status_map` of a provider. Fails with a sentence: a state that is none.
std::expected<StatusMap, std::string> status_map_of(
    const std::map<std::string, std::string>& words);

}  // namespace passgate::sync
