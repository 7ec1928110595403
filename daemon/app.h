// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <string>

#include "runtime/config.h"
#include "runtime/log.h"
#include "runtime/signals.h"

namespace passgate::daemon {

/// Why passgated does not start: a sentence and the sysexits code for it.
struct StartupError {
  int exit_code;
  std::string text;
};

/// The composition root of passgated: makes everything, owns everything, knows
/// everybody. Nothing below it makes its own collaborators.
class App {
 public:
  /// Loads keys, opens journal and keyboard, binds the sockets; all or nothing.
  /// @param log  Outlives the App.
  static std::expected<std::unique_ptr<App>, StartupError> make(
      const runtime::Config& config, const std::filesystem::path& credentials_dir,
      const runtime::Log& log);
  ~App();

  /// Serves until SIGTERM or SIGINT.
  /// @return How many readers are stuck inside a transmit that cannot be
  ///         cancelled; when not 0 the process must end without destructors.
  std::size_t run(const runtime::SignalFd& signals);

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace passgate::daemon
