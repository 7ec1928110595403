// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <utility>

#include "core/clock.h"
#include "core/result.h"

namespace passgate::runtime {

/// A file descriptor that is closed once. -1: none.
class FileDescriptor {
 public:
  FileDescriptor() noexcept = default;
  explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  int get() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// A non-blocking stream connection. Errors: unreachable with errno.
Result<FileDescriptor> connect_unix(const std::filesystem::path& path);

/// A listening socket and the name it has in the file system, which is removed
/// with it unless somebody else took the name since.
class UnixListener {
 public:
  /// Mode 0660. A socket that nobody serves any more is replaced; one that
  /// somebody serves is refused. Errors: unreachable with errno (EADDRINUSE,
  /// ENOTSOCK when something else has the name).
  static Result<UnixListener> bind(const std::filesystem::path& path);
  UnixListener(UnixListener&&) noexcept = default;
  UnixListener& operator=(UnixListener&&) = delete;
  ~UnixListener();

  int fd() const noexcept { return fd_.get(); }

 private:
  UnixListener(FileDescriptor fd, std::filesystem::path path, const struct stat& made) noexcept
      : fd_(std::move(fd)), path_(std::move(path)), device_(made.st_dev), inode_(made.st_ino) {}

  FileDescriptor fd_;
  std::filesystem::path path_;
  dev_t device_;
  ino_t inode_;
};

/// Milliseconds for poll(2) until `deadline`, rounded up, at most `most`.
int poll_timeout(MonoTime deadline, MonoTime now, Milliseconds most) noexcept;

}  // namespace passgate::runtime
