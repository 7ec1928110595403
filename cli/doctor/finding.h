// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace passgate::cli::doctor {

enum class Health : std::uint8_t {
  ok,
  warn,  ///< Works, and will or may not for long.
  fail,  ///< Somebody will notice at the gate or at the till.
  skip,  ///< Could not be looked at.
};

/// What one look gave; a value.
struct Finding {
  Health health = Health::ok;
  std::string what;    ///< The same words for the same thing at every run.
  std::string detail;  ///< One sentence without its full stop.
  std::string mend;    ///< The command that mends it; only of what is ok empty.
};
using Findings = std::vector<Finding>;

Finding good(std::string what, std::string detail);
Finding worry(std::string what, std::string detail, std::string mend);
Finding broken(std::string what, std::string detail, std::string mend);
Finding unseen(std::string what, std::string detail, std::string mend);

/// A line for each, and a second one with the command. Safe for a terminal,
/// whatever a reader, a cloud or a certificate is called.
std::string page(const Findings& findings);
/// {"findings":[{"health","what","detail","mend"?}],"ok","warn","fail","skip"}, the last four
/// being how many there are.
nlohmann::ordered_json to_json(const Findings& findings);
/// EX_UNAVAILABLE when something fails, else EX_OK.
int exit_status(const Findings& findings);

/// A word of a shell command, in quotation marks where it needs them.
std::string word(const std::string& text);

}  // namespace passgate::cli::doctor
