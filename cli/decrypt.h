// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace passgate::cli {

struct DecryptOptions {
  std::vector<std::filesystem::path> keys;
  std::string pass_type_id;
  std::optional<std::string> input;  ///< One cryptogram in hex; absent or "-": lines of `in`.
};

/// `passgate decrypt`: Apple VAS data to JSON, one line out for each line in,
/// written as it comes, so that another program can talk to it through pipes.
/// Lines longer than 64 KiB are answered too_large.
///
/// @return EX_OK; EX_DATAERR after the last line when one could not be opened;
///         EX_IOERR when `out` takes no more; else what add_key_files says.
int run_decrypt(const DecryptOptions& options, std::istream& in, std::ostream& out,
                std::ostream& err);

/// Adds the command to the program; when given, it sets `exit_status`.
void add_decrypt(CLI::App& app, int& exit_status);

}  // namespace passgate::cli
