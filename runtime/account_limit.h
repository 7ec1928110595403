// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace passgate::runtime {

/// Bytes of the account_id of a `[[http.client]]`; an operator's acts bear it.
inline constexpr std::size_t kLongestAccount = 128;

}  // namespace passgate::runtime
