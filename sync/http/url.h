// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace passgate::sync {

/// One path segment or query value: everything but RFC 3986's unreserved
/// characters becomes %XX, so a pass id can never leave its place in a URL.
std::string percent_encode(std::string_view text);

/// `base` without trailing slashes.
std::string without_trailing_slash(std::string_view base);

}  // namespace passgate::sync
