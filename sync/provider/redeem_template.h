// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "sync/provider/session.h"

namespace passgate::sync {

/// `text` with {time} (RFC 3339, whole seconds), {tap_id}, {terminal}, {reader},
/// {pass_id} and {object_id} replaced, once each where they stand: what is put in is not
/// looked at again. Other braces stay as they are.
std::string expand_redeem_template(std::string_view text, const RedemptionOrder& order);

}  // namespace passgate::sync
