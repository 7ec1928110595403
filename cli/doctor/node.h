// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "cli/user_list.h"

namespace passgate::cli::doctor {

/// A file or device as its access rules have it; a value.
struct Node {
  ::mode_t mode = 0;
  ::uid_t owner = 0;
  ::gid_t group = 0;
  bool is_device() const noexcept;
};

/// Nothing: errno says why.
std::optional<Node> node_at(const std::filesystem::path& path);

/// Whether somebody of one group may do all of `wanted`: 4 read, 2 write, 1 search.
bool may(const User& user, const Node& node, unsigned wanted) noexcept;

/// The first folder above `path` that the user may not go through; nothing: none.
std::optional<std::filesystem::path> barred_folder(const User& user,
                                                   const std::filesystem::path& path);

}  // namespace passgate::cli::doctor
