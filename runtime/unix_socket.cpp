// SPDX-License-Identifier: Apache-2.0
#include "runtime/unix_socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace passgate::runtime {
namespace {

constexpr mode_t kSocketMode = 0660;
constexpr int kListenBacklog = 64;

std::optional<sockaddr_un> address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& name = path.native();
  if (name.empty() || name.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, name.data(), name.size());
  return address;
}

const sockaddr* plain(const sockaddr_un& address) noexcept {
  return reinterpret_cast<const sockaddr*>(&address);
}

FileDescriptor stream_socket() noexcept {
  return FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

/// Removes the name of a socket that nobody serves. Returns an errno, 0 when gone.
int remove_stale(const std::filesystem::path& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return errno == ENOENT ? 0 : errno;
  if (!S_ISSOCK(found.st_mode)) return ENOTSOCK;
  const auto peer = connect_unix(path);
  if (peer || peer.error().detail() == EAGAIN) return EADDRINUSE;  // EAGAIN: busy, but alive.
  if (peer.error().detail() != ECONNREFUSED) return peer.error().detail();
  return ::unlink(path.c_str()) == 0 || errno == ENOENT ? 0 : errno;
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Result<FileDescriptor> connect_unix(const std::filesystem::path& path) {
  const auto address = address_of(path);
  if (!address) return fail(Errc::unreachable, ENAMETOOLONG);
  FileDescriptor fd = stream_socket();
  if (fd.get() < 0) return fail(Errc::unreachable, errno);
  if (::connect(fd.get(), plain(*address), sizeof *address) != 0) {
    return fail(Errc::unreachable, errno);
  }
  return fd;
}

Result<UnixListener> UnixListener::bind(const std::filesystem::path& path) {
  const auto address = address_of(path);
  if (!address) return fail(Errc::unreachable, ENAMETOOLONG);
  FileDescriptor fd = stream_socket();
  if (fd.get() < 0) return fail(Errc::unreachable, errno);
  // The kernel gives the name this mode less the umask: never wider than meant,
  // not even for an instant. The umask itself belongs to the whole process.
  if (::fchmod(fd.get(), kSocketMode) != 0) return fail(Errc::unreachable, errno);
  if (::bind(fd.get(), plain(*address), sizeof *address) != 0) {
    if (errno != EADDRINUSE) return fail(Errc::unreachable, errno);
    if (const int error = remove_stale(path); error != 0) return fail(Errc::unreachable, error);
    if (::bind(fd.get(), plain(*address), sizeof *address) != 0) {
      return fail(Errc::unreachable, errno);
    }
  }
  struct stat made{};
  if (::lstat(path.c_str(), &made) != 0) return fail(Errc::unreachable, errno);
  UnixListener listener(std::move(fd), path, made);
  if (::chmod(path.c_str(), kSocketMode) != 0 || ::listen(listener.fd(), kListenBacklog) != 0) {
    return fail(Errc::unreachable, errno);
  }
  return listener;
}

UnixListener::~UnixListener() {
  if (fd_.get() < 0) return;
  struct stat found{};
  const bool ours = ::lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ &&
                    found.st_ino == inode_ && S_ISSOCK(found.st_mode);
  if (ours) ::unlink(path_.c_str());
}

int poll_timeout(MonoTime deadline, MonoTime now, Milliseconds most) noexcept {
  if (deadline <= now) return 0;
  if (deadline - now >= most) return static_cast<int>(most.count());
  return static_cast<int>(std::chrono::ceil<Milliseconds>(deadline - now).count());
}

}  // namespace passgate::runtime
