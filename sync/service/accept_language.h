// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace passgate::sync {

/// Which of `have` an Accept-Language header (RFC 9110 §12.5.4) likes best; the
/// first of equals, and a region (`de-AT`) counts as its language. Empty: none.
/// @param have  Language tags in lower case.
std::string_view accepted_language(std::string_view header, std::span<const std::string_view> have);

/// The one of `have` that `tag` means: itself, or its language without region,
/// in any case. Empty: none.
std::string_view known_language(std::string_view tag, std::span<const std::string_view> have);

}  // namespace passgate::sync
