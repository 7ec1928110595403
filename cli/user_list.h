// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace passgate::cli {

struct User {
  ::uid_t id = 0;
  ::gid_t group = 0;  ///< The primary one.
};

/// A user of a file like /etc/passwd. Read from the file rather than asked of
/// the system's name service, because our users are always made there, and so
/// that another root folder can be looked at.
std::optional<User> user_in(const std::filesystem::path& passwd, const std::string& name);

/// A group's number or its name in a file like /etc/group.
std::optional<::gid_t> group_in(const std::filesystem::path& group, const std::string& name);
std::optional<std::string> group_name_in(const std::filesystem::path& group, ::gid_t id);

}  // namespace passgate::cli
