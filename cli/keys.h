// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iosfwd>

namespace passgate::cli {

/// `passgate keys list [--json]`: the keys of every [[pass]], never their content.
/// Exit status 78 for a configuration that cannot be read.
/// `passgate keys new FILE [--json]`: see new_key_file.
void add_keys(CLI::App& app, int& exit_status);

/// Makes a key and says what its public half is called by Apple and by Google.
/// The file is new, of mode 0600, and belongs to the user passgated where this
/// is root and the system has that user. Never overwrites: exit status 73
/// (EX_CANTCREAT) when it cannot be made, 74 (EX_IOERR) when it cannot be written.
/// @param users  The list of users: /etc/passwd.
int new_key_file(const std::filesystem::path& file, const std::filesystem::path& users,
                 bool as_json, std::ostream& out, std::ostream& err);

}  // namespace passgate::cli
