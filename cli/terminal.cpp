// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <system_error>

namespace passgate::cli {
namespace {

constexpr Milliseconds kPatience{5000};

}  // namespace

int refuse(const Refusal& refusal) {
  fmt::print(stderr, "passgate: {}\n", refusal.text);
  return refusal.exit_code;
}

std::expected<runtime::TerminalConfig, Refusal> find_terminal(const std::filesystem::path& config) {
  const auto loaded = runtime::load_config(config);
  if (loaded) return loaded->terminal;
  return std::unexpected(unreadable(loaded.error()));
}

Refusal unreadable(const std::vector<runtime::ConfigProblem>& problems) {
  std::string text;
  for (const runtime::ConfigProblem& problem : problems) text += problem.text() + "\n";
  return {EX_CONFIG, text.substr(0, text.size() - 1)};
}

Result<nlohmann::json> ask_status(const std::filesystem::path& socket) {
  auto client = runtime::SocketClient::connect(socket);
  if (!client) return std::unexpected(client.error());
  return client->ask({{"type", "status"}}, kPatience);
}

Refusal silent(const std::filesystem::path& socket, const std::string& daemon, const Error& why) {
  if (why.detail() == 0) {
    return {EX_UNAVAILABLE, fmt::format("{} does not answer ({})", daemon, name(why.code()))};
  }
  return {EX_UNAVAILABLE, fmt::format("{} does not answer at {}: {}", daemon, socket.string(),
                                      std::generic_category().message(why.detail()))};
}

std::expected<runtime::SocketClient, Refusal> call(const std::filesystem::path& socket,
                                                   const std::string& daemon) {
  auto client = runtime::SocketClient::connect(socket);
  if (client) return std::move(*client);
  return std::unexpected(silent(socket, daemon, client.error()));
}

}  // namespace passgate::cli
