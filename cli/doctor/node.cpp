// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/node.h"

#include <sys/stat.h>

namespace passgate::cli::doctor {

bool Node::is_device() const noexcept {
  return S_ISCHR(mode);
}

std::optional<Node> node_at(const std::filesystem::path& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return Node{.mode = found.st_mode, .owner = found.st_uid, .group = found.st_gid};
}

bool may(const User& user, const Node& node, unsigned wanted) noexcept {
  if (user.id == 0) return true;
  // The first class that fits counts, even where a later one would give more.
  const unsigned shift = node.owner == user.id ? 6 : node.group == user.group ? 3 : 0;
  return ((node.mode >> shift) & wanted) == wanted;
}

std::optional<std::filesystem::path> barred_folder(const User& user,
                                                   const std::filesystem::path& path) {
  std::filesystem::path folder;
  for (const auto& part : path.parent_path()) {
    folder /= part;
    const auto node = node_at(folder);
    if (node && !may(user, *node, 1)) return folder;
  }
  return std::nullopt;
}

}  // namespace passgate::cli::doctor
