// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <iosfwd>

namespace CLI {
class App;
}

namespace passgate::cli {

struct SimulateOptions {
  std::filesystem::path journal;  ///< A journal.db, or records as `passgate taps --json` prints.
  std::filesystem::path policy;   ///< A passgate.toml; its [[pass]] and [[zone]] count.
  bool json = false;
};

/// `passgate simulate`: judges recorded taps by other rules and tells those that
/// would have ended differently, then the totals. Reads no key.
///
/// @return EX_OK; EX_CONFIG when the policy is not valid; EX_NOINPUT, EX_DATAERR
///         when the records cannot be read.
int run_simulate(const SimulateOptions& options, std::ostream& out, std::ostream& err);

/// Adds the command to the program; when given, it sets `exit_status`.
void add_simulate(CLI::App& app, int& exit_status);

}  // namespace passgate::cli
