// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "gate/vocabulary.h"

namespace passgate::gate {

/// Whether a person may let somebody in whom the rules refused.
enum class Overriding : std::uint8_t {
  allowed,
  if_configured,  ///< Somebody wants this pass stopped, or nobody knows whose it is.
  never,          ///< The journal cannot keep it, or no pass was refused.
};
Overriding overriding(Reason reason) noexcept;

/// @param configured  `[override] allow`.
bool may_override(Reason reason, std::span<const Reason> configured) noexcept;

}  // namespace passgate::gate
