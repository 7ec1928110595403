// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "runtime/config.h"
#include "runtime/socket_client.h"

namespace passgate::cli {

inline constexpr const char* kDefaultConfig = "/etc/passgate/passgate.toml";

/// A sentence for standard error and the sysexits code to leave with.
struct Refusal {
  int exit_code;
  std::string text;
};

/// Says it to standard error. @return The code to leave with.
int refuse(const Refusal& refusal);

/// What is wrong with the configuration's files; at least one problem.
Refusal unreadable(const std::vector<runtime::ConfigProblem>& problems);

/// The `[terminal]` of the configuration, or what is wrong with the file.
std::expected<runtime::TerminalConfig, Refusal> find_terminal(const std::filesystem::path& config);

/// A daemon's answer to `status`. Errors: as SocketClient has them.
Result<nlohmann::json> ask_status(const std::filesystem::path& socket);

/// Who does not answer, and why.
Refusal silent(const std::filesystem::path& socket, const std::string& daemon, const Error& why);

/// A connection to one of the terminal's sockets, or who does not answer.
std::expected<runtime::SocketClient, Refusal> call(const std::filesystem::path& socket,
                                                   const std::string& daemon);

}  // namespace passgate::cli
