// SPDX-License-Identifier: Apache-2.0
#include "runtime/secrets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/unix_socket.h"

namespace passgate::runtime {
namespace {

constexpr std::size_t kMaxSecret = std::size_t{64} * 1024;
/// A credential's folder belongs to the service alone. systemd gives the service
/// its credential by an access list, which shows as group read (0440).
constexpr mode_t kTooOpenFile = 077;
constexpr mode_t kTooOpenCredential = 007;

Result<SecretBytes> read_all(int fd) {
  SecretBytes buffer(kMaxSecret + 1);  // One more, to notice what is too long.
  std::size_t size = 0;
  while (size < buffer.size()) {
    const auto room = buffer.writable().subspan(size);
    const ssize_t got = ::read(fd, room.data(), room.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Errc::secret_unreadable, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMaxSecret) return fail(Errc::secret_unreadable, EFBIG);
  if (size == 0) return fail(Errc::secret_unreadable, ENODATA);
  return SecretBytes::take(buffer.writable().first(size));
}

Result<SecretBytes> read_file(const std::filesystem::path& path, mode_t too_open) {
  // O_NONBLOCK: opening a FIFO somebody put there must not hang the start.
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (fd.get() < 0) return fail(Errc::secret_unreadable, errno);
  struct stat found{};
  if (::fstat(fd.get(), &found) != 0) return fail(Errc::secret_unreadable, errno);
  if (S_ISDIR(found.st_mode)) return fail(Errc::secret_unreadable, EISDIR);
  if (!S_ISREG(found.st_mode)) return fail(Errc::secret_unreadable, EINVAL);
  if ((found.st_mode & too_open) != 0) {
    return fail(Errc::secret_too_open, static_cast<std::int32_t>(found.st_mode & 0777));
  }
  return read_all(fd.get());
}

}  // namespace

Result<SecretBytes> resolve(const SecretRef& ref, const std::filesystem::path& credentials_dir) {
  if (ref.kind == SecretRef::Kind::file) return read_file(ref.path, kTooOpenFile);
  const bool is_name = !ref.credential.empty() && !ref.credential.starts_with('.') &&
                       ref.credential.find('/') == std::string::npos;
  if (credentials_dir.empty() || !is_name) return fail(Errc::secret_unreadable, ENOENT);
  return read_file(credentials_dir / ref.credential, kTooOpenCredential);
}

Result<SecretBytes> resolve_text(const SecretRef& ref,
                                 const std::filesystem::path& credentials_dir) {
  auto secret = resolve(ref, credentials_dir);
  if (!secret) return secret;
  const ByteView bytes = secret->expose();
  std::size_t size = bytes.size();
  while (size > 0 && (bytes[size - 1] == '\n' || bytes[size - 1] == '\r')) --size;
  if (size == 0) return fail(Errc::secret_unreadable, ENODATA);
  secret->shrink(size);
  return secret;
}

}  // namespace passgate::runtime
