// SPDX-License-Identifier: Apache-2.0
#include "hid/text_sink.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "hid/file_descriptor.h"
#include "hid/key_plan.h"

namespace passgate::hid {
namespace {

std::unexpected<Error> storage_failure(int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return fail(full ? Errc::storage_full : Errc::storage_unwritable, error);
}

struct OpenFile {
  FileDescriptor fd;
  struct stat info{};
};

/// A pipe or socket is refused: it could block a tap, and a reader that leaves
/// would raise SIGPIPE.
Result<OpenFile> open_for_append(const std::filesystem::path& path) {
  OpenFile file;
  file.fd = FileDescriptor(::open(
      path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600));
  if (!file.fd || ::fstat(file.fd.get(), &file.info) != 0) return storage_failure(errno);
  if (!S_ISREG(file.info.st_mode) && !S_ISCHR(file.info.st_mode)) return storage_failure(EINVAL);
  return file;
}

}  // namespace

TextSink::TextSink(std::filesystem::path path, Layout layout)
    : path_(std::move(path)), layout_(std::move(layout)) {}

Result<std::unique_ptr<TextSink>> TextSink::open(std::filesystem::path path, Layout layout) {
  if (const auto file = open_for_append(path); !file) return std::unexpected(file.error());
  return std::unique_ptr<TextSink>(new TextSink(std::move(path), std::move(layout)));
}

Status TextSink::type(std::string_view text) {
  if (const auto plan = plan_keys(text, layout_); !plan) return std::unexpected(plan.error());
  if (text.empty()) return {};
  const std::lock_guard lock(mutex_);
  const auto file = open_for_append(path_);
  if (!file) return std::unexpected(file.error());
  const ssize_t written = ::write(file->fd.get(), text.data(), text.size());
  if (written < 0) return storage_failure(errno);
  if (static_cast<std::size_t>(written) == text.size()) return {};
  // Half a pass id would be worse than none: take back what did fit.
  if (S_ISREG(file->info.st_mode)) {
    [[maybe_unused]] const int taken_back = ::ftruncate(file->fd.get(), file->info.st_size);
  }
  return storage_failure(ENOSPC);
}

}  // namespace passgate::hid
