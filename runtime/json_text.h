// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

namespace passgate::runtime {

/// Arrays and objects within each other, in JSON from outside.
inline constexpr std::size_t kDeepestJson = 32;

/// Whether arrays and objects nest deeper than `levels`. Reads no more of the
/// text than is needed to say so; text that is no JSON gets some answer.
bool nests_deeper(std::string_view text, std::size_t levels) noexcept;

/// What somebody else wrote. Discarded (`is_discarded()`) when it is no JSON or
/// nests deeper than `deepest`: copying and printing a value recurse, so that
/// depth would be stack given away to whoever wrote it. Does not throw. Any thread.
nlohmann::json parse_json(std::string_view text, std::size_t deepest = kDeepestJson);

}  // namespace passgate::runtime
