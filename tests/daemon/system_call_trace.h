// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace passgate::test {

/// What the order of system calls of a daemon says about "durable before green".
struct Durability {
  std::size_t admissions = 0;  ///< Texts that reached the keyboard's file.
  std::size_t greens = 0;      ///< Commands that turned a lamp green.
  std::size_t screens = 0;     ///< Messages to watchers about an admission.
  std::vector<std::string> violations;
};

/// The calls that matter, for `strace -e trace=`.
inline constexpr const char* kTracedCalls =
    "write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync";

/// `program` under strace, which stays out of the way (-D: the traced program
/// keeps our process id as its parent).
std::vector<std::string> under_strace(const std::filesystem::path& trace);

/// Reads a trace made by `under_strace`. Rules, for each admission in turn:
///   - the journal was written since the admission before it;
///   - the sync of what was written returned before the lamp or the keyboard
///     got its first byte;
///   - no watcher hears of more admissions than there were syncs.
/// A trace without any admission violates too: it would prove nothing.
Durability check_durability(std::string_view trace);

}  // namespace passgate::test
