// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace passgate::runtime {

/// People who come with one tap: as many as max_party may be. Each is a row in the
/// journal once they are let in. A coach party comes in two.
inline constexpr unsigned kLargestParty = 1000;

}  // namespace passgate::runtime
