// SPDX-License-Identifier: Apache-2.0
#include "cli/user_list.h"

#include <grp.h>
#include <pwd.h>

#include <cstdio>
#include <functional>
#include <memory>

namespace passgate::cli {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File open(const std::filesystem::path& path) {
  return {std::fopen(path.c_str(), "re"), &std::fclose};
}

/// The first entry that fits; null: none. Valid until the next call.
const ::group* find_group(const std::filesystem::path& path,
                          const std::function<bool(const ::group&)>& fits) {
  const File file = open(path);
  if (!file) return nullptr;
  while (const ::group* entry = ::fgetgrent(file.get())) {
    if (fits(*entry)) return entry;
  }
  return nullptr;
}

}  // namespace

std::optional<User> user_in(const std::filesystem::path& passwd, const std::string& name) {
  const File file = open(passwd);
  if (!file) return std::nullopt;
  while (const ::passwd* entry = ::fgetpwent(file.get())) {
    if (entry->pw_name == name) return User{.id = entry->pw_uid, .group = entry->pw_gid};
  }
  return std::nullopt;
}

std::optional<::gid_t> group_in(const std::filesystem::path& group, const std::string& name) {
  const auto* found = find_group(group, [&](const ::group& one) { return one.gr_name == name; });
  return found == nullptr ? std::nullopt : std::optional(found->gr_gid);
}

std::optional<std::string> group_name_in(const std::filesystem::path& group, ::gid_t id) {
  const auto* found = find_group(group, [&](const ::group& one) { return one.gr_gid == id; });
  return found == nullptr ? std::nullopt : std::optional<std::string>(found->gr_name);
}

}  // namespace passgate::cli
