// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace passgate::runtime {

/// What is wrong with an address we are to send secrets or events to, or
/// nothing. Refused: other schemes than http and https, http beyond this
/// machine (127.0.0.0/8, ::1, localhost), user names and passwords in it, and
/// characters whose reading differs between URL parsers.
std::optional<std::string> url_problem(std::string_view url);

}  // namespace passgate::runtime
