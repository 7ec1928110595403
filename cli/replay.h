// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <iosfwd>
#include <vector>

namespace CLI {
class App;
}

namespace passgate::cli {

struct ReplayOptions {
  std::filesystem::path file;
  std::vector<std::filesystem::path> keys;  ///< For iPhones, besides those in the recording.
  bool json = false;
};

/// `passgate replay`: runs a recorded tap through the protocol engine and says
/// for each contact how it ended and whether that is what the recording says.
/// Passes of an iPhone are shown opened when there are keys; those of an Android
/// phone always, since its recording holds the session's own.
///
/// @return EX_OK; EX_DATAERR when a contact ended differently or the recording
///         is malformed; EX_NOINPUT when it cannot be read; else what
///         add_key_files says.
int run_replay(const ReplayOptions& options, std::ostream& out, std::ostream& err);

/// Adds the command to the program; when given, it sets `exit_status`.
void add_replay(CLI::App& app, int& exit_status);

}  // namespace passgate::cli
