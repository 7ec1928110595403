// SPDX-License-Identifier: Apache-2.0
#include "sync/state_folders.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace passgate::sync {

namespace {

std::expected<void, std::string> problem(const std::filesystem::path& folder, int error) {
  return std::unexpected(fmt::format("{}: cannot be made or used: {}", folder.string(),
                                     std::generic_category().message(error)));
}

std::expected<void, std::string> make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder.parent_path(), error);
  if (error) return problem(folder.parent_path(), error.value());
  if (::mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) return problem(folder, errno);
  struct stat found{};
  if (::stat(folder.c_str(), &found) != 0) return problem(folder, errno);
  if (!S_ISDIR(found.st_mode)) return problem(folder, ENOTDIR);
  if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) return problem(folder, errno);
  return {};
}

}  // namespace

std::expected<void, std::string> make_state_folders(const runtime::TerminalConfig& terminal) {
  if (auto made = make_folder(terminal.sync_state()); !made) return made;
  return make_folder(terminal.sync_sock().parent_path());
}

}  // namespace passgate::sync
