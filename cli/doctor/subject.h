// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "runtime/config.h"

namespace passgate::cli::doctor {

/// What a daemon said to `status`, or why it said nothing.
using Said = Result<nlohmann::json>;

/// Everything the checks look at. Who was asked was asked once, before them, so
/// that what they say of one another fits together.
struct Subject {
  runtime::Config config;
  std::filesystem::path config_file;
  /// Where the system's own files are looked for: /etc, /dev, /sys, /usr. What
  /// the configuration names is taken as it is.
  std::filesystem::path root = "/";
  bool is_root = false;
  std::optional<std::filesystem::path> pass_file;  ///< `--pass`: a pass.json.

  Said core = fail(Errc::unreachable);
  Said sync = fail(Errc::unreachable);
  /// The readers that pcscd lists. deadline_exceeded: it does not answer.
  Result<std::vector<std::string>> readers = fail(Errc::pcsc_unavailable);
  ClockState clock = ClockState::synchronised;  ///< As the kernel has it.
  WallTime now;

  /// A file of the system.
  std::filesystem::path at(const std::filesystem::path& path) const {
    return root / path.relative_path();
  }
};

/// Asks daemons, pcscd and clock. Takes a few seconds at most.
Subject look_at(runtime::Config config, std::filesystem::path config_file,
                std::filesystem::path root, std::optional<std::filesystem::path> pass_file);

/// `sudo passgate doctor`, with the options of this run.
std::string again_as_root(const Subject& subject);

}  // namespace passgate::cli::doctor
