// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sync/provider/session.h"

namespace passgate::sync {

/// Placeholder with its braces → what stands for it.
using Placeholders = std::vector<std::pair<std::string_view, std::string>>;

/// `text` with every placeholder replaced, once each where it stands: what is put
/// in is not looked at again. Other braces stay as they are.
std::string expand(std::string_view text, const Placeholders& values);

/// The same for {time} (RFC 3339, whole seconds), {tap_id}, {terminal}, {reader},
/// {pass_id} and {object_id}.
std::string expand_redeem_template(std::string_view text, const RedemptionOrder& order);

/// The same for a path below a base URL: values are percent-encoded.
std::string expand_path(std::string_view path, const Placeholders& values);

}  // namespace passgate::sync
