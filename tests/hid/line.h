// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <string>

#include "core/require.h"
#include "hid/file_descriptor.h"

namespace passgate::hid {

/// A line to somebody who is us: a pseudo-terminal, which passes bytes on as they
/// are. Its far end holds back after some kilobytes that nobody reads.
class Line {
 public:
  Line() : far_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
    PG_REQUIRE(far_ && ::grantpt(far_.get()) == 0 && ::unlockpt(far_.get()) == 0);
    std::array<char, 64> name{};
    PG_REQUIRE(::ptsname_r(far_.get(), name.data(), name.size()) == 0);
    path_ = name.data();
    // Kept open: the settings of a terminal last only as long as it is open.
    near_ = FileDescriptor(::open(path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    ::termios raw{};
    PG_REQUIRE(near_ && ::tcgetattr(near_.get(), &raw) == 0);
    ::cfmakeraw(&raw);
    PG_REQUIRE(::tcsetattr(near_.get(), TCSANOW, &raw) == 0);
  }

  const std::string& path() const { return path_; }
  int near_end() const { return near_.get(); }

  /// What arrived: at least `wanted` bytes, or less when nothing came any more.
  std::string received(std::size_t wanted, int patience_ms = 5000) {
    std::string bytes;
    ::pollfd waiting{far_.get(), POLLIN, 0};
    while (bytes.size() < wanted && ::poll(&waiting, 1, patience_ms) > 0) {
      std::array<char, 4096> part{};
      const ssize_t size = ::read(far_.get(), part.data(), part.size());
      if (size <= 0) break;
      bytes.append(part.data(), static_cast<std::size_t>(size));
    }
    return bytes;
  }

  void send(const std::string& bytes) {
    PG_REQUIRE(::write(far_.get(), bytes.data(), bytes.size()) ==
               static_cast<ssize_t>(bytes.size()));
  }

  /// The far end goes: what is written from now on fails.
  void cut() {
    near_ = FileDescriptor();
    far_ = FileDescriptor();
  }

 private:
  FileDescriptor far_;
  FileDescriptor near_;
  std::string path_;
};

}  // namespace passgate::hid
