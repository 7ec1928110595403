// SPDX-License-Identifier: Apache-2.0
#include "sim/files.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace passgate::sim {
namespace {

constexpr std::size_t kLongestLine = std::size_t{64} * 1024;

struct Close {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

}  // namespace

Result<SecretBytes> read_file(const std::filesystem::path& path, std::size_t at_most) {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "re"));
  if (!file) return fail(Errc::secret_unreadable, errno);
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return fail(Errc::secret_unreadable, error.value());
  if (size > at_most) return fail(Errc::too_large);
  SecretBytes bytes(static_cast<std::size_t>(size));
  const auto room = bytes.writable();
  bytes.shrink(std::fread(room.data(), 1, room.size(), file.get()));
  if (std::ferror(file.get()) != 0) return fail(Errc::secret_unreadable, EIO);
  return bytes;
}

Result<SecretBytes> read_line(const std::filesystem::path& path) {
  auto bytes = read_file(path, kLongestLine);
  if (!bytes) return bytes;
  auto text = text_of(bytes->expose());
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) return fail(Errc::bad_value);
  bytes->shrink(text.size());
  return bytes;
}

}  // namespace passgate::sim
