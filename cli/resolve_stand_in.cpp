// SPDX-License-Identifier: Apache-2.0
// Until runtime/secrets.cpp is there.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/secrets.h"

namespace passgate::runtime {

Result<SecretBytes> resolve(const SecretRef& ref, const std::filesystem::path&) {
  const int fd = ::open(ref.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(Errc::secret_unreadable, errno);
  struct stat found{};
  ::fstat(fd, &found);
  SecretBytes bytes(64 * 1024);
  const auto got = ::read(fd, bytes.writable().data(), bytes.size());
  const int error = errno;
  ::close(fd);
  if ((found.st_mode & 077) != 0) {
    return fail(Errc::secret_too_open, static_cast<std::int32_t>(found.st_mode & 0777));
  }
  if (got < 0) return fail(Errc::secret_unreadable, error);
  bytes.shrink(static_cast<std::size_t>(got));
  return bytes;
}

}  // namespace passgate::runtime
