// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "sync/provider/session.h"

namespace passgate::sync {

/// As failure_of(), but a status that PassNinja does not document means what the
/// error code in the body says (RL1, MP1, …), in whichever of the envelopes its
/// clients know. Where both speak, the status decides.
std::optional<Failure> passninja_failure_of(const HttpAnswer& answer, WallTime now);

}  // namespace passgate::sync
