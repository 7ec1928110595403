// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "cli/doctor/checks.h"
#include "runtime/unix_socket.h"

namespace passgate::cli::doctor {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kTight = 1024 * kMiB;
constexpr std::uint64_t kTooTight = 100 * kMiB;

constexpr std::size_t kWrites = 20;
constexpr std::chrono::seconds kDiskPatience{10};
/// A tap waits for one of these.
constexpr microseconds kSlow{20'000};

constexpr const char* kSpace = "disk space";
constexpr const char* kTime = "disk fsync";

/// As long as the journal's commits: a page and its wait for the disk.
Result<std::vector<microseconds>> time_writes(const std::filesystem::path& folder) {
  std::string name = (folder / ".doctor-XXXXXX").string();
  const runtime::FileDescriptor fd(::mkostemp(name.data(), O_CLOEXEC));
  if (fd.get() < 0) return fail(Errc::storage_unwritable, errno);
  ::unlink(name.c_str());  // Gone with the descriptor, whatever happens here.
  const std::array<char, 4096> bytes{};
  std::vector<microseconds> times;
  const auto end = steady_clock::now() + kDiskPatience;
  while (times.size() < kWrites && (times.empty() || steady_clock::now() < end)) {
    const auto begin = steady_clock::now();
    const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written != static_cast<ssize_t>(bytes.size()) || ::fsync(fd.get()) != 0) {
      return fail(Errc::storage_unwritable, written < 0 ? errno : ENOSPC);
    }
    times.push_back(std::chrono::duration_cast<microseconds>(steady_clock::now() - begin));
  }
  return times;
}

Finding time_disk(const Subject& subject) {
  const auto folder = subject.config.terminal.core_state();
  const auto times = time_writes(folder);
  if (times) return judge_sync(subject, *times);
  const int why = times.error().detail();
  if (why == EACCES && !subject.is_root) {
    return unseen(kTime, folder.string() + " is not for this user", again_as_root(subject));
  }
  const auto text = std::generic_category().message(why);
  if (why == ENOENT) {
    return broken(kTime, fmt::format("{}: {}", folder.string(), text),
                  "sudo systemctl start passgated");
  }
  return broken(kTime, fmt::format("{} cannot be written: {}", folder.string(), text),
                "findmnt -T " + word(folder.string()));
}

}  // namespace

Finding judge_space(const Subject& subject, std::uint64_t free_bytes) {
  const auto folder = subject.config.terminal.state_dir.string();
  const auto detail = fmt::format("{} MiB free for {}", free_bytes / kMiB, folder);
  const auto mend = fmt::format("sudo du -xhd1 {} /var | sort -h | tail", word(folder));
  if (free_bytes < kTooTight) {
    return broken(kSpace, detail + ": when it is full, gates deny everybody", mend);
  }
  return free_bytes < kTight ? worry(kSpace, detail, mend) : good(kSpace, detail);
}

Finding judge_sync(const Subject& subject, std::vector<microseconds> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, middle);
  const auto folder = subject.config.terminal.core_state().string();
  const auto detail =
      fmt::format("median {:.1f} ms of {} writes in {}",
                  static_cast<double>(middle->count()) / 1000, times.size(), folder);
  if (*middle <= kSlow) return good(kTime, detail);
  return worry(kTime, detail + ": every tap waits for one", "findmnt -T " + word(folder));
}

Findings check_disk(const Subject& subject) {
  const auto& folder = subject.config.terminal.state_dir;
  struct statvfs room{};
  if (::statvfs(folder.c_str(), &room) != 0) {
    const int why = errno;
    if (why == EACCES && !subject.is_root) {
      return {unseen(kSpace, folder.string() + " is not for this user", again_as_root(subject))};
    }
    return {broken(kSpace,
                   fmt::format("{}: {}", folder.string(), std::generic_category().message(why)),
                   "sudo systemctl start passgated")};
  }
  const auto free_bytes = std::uint64_t{room.f_bavail} * room.f_frsize;
  return {judge_space(subject, free_bytes), time_disk(subject)};
}

}  // namespace passgate::cli::doctor
