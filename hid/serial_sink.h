// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "hid/file_descriptor.h"
#include "hid/layout.h"
#include "hid/sink.h"

namespace passgate::hid {

struct SerialSettings {
  std::filesystem::path path;
  unsigned baud = 9600;        ///< Bits a second.
  std::string newline = "\r";  ///< What is sent for Enter.
};

/// Sends what a keyboard of the layout would type down a serial line, in UTF-8,
/// and refuses what it would refuse. 8N1, no flow control, for ourselves alone
/// (TIOCEXCL). A text ends when the kernel has it: a line does not tell whether
/// anybody is at its other end.
///
/// A text that the kernel does not take whole within its time on the line and a
/// second is given up, and what was not sent yet is taken back. After a failure
/// the line is opened again for the next text, and for the same one when nothing
/// of it was taken: an adapter may have been unplugged since the last.
/// Thread-safe.
class SerialSink final : public Sink {
 public:
  /// Opens the line, so that a wrong path is found at start.
  /// Errors: input_device_unavailable (errno as detail; ENOTTY: no serial line).
  static Result<std::unique_ptr<SerialSink>> open(SerialSettings settings, Layout layout);

  Status type(std::string_view text) override;
  void stop(std::chrono::milliseconds patience) override;

 private:
  SerialSink(SerialSettings settings, Layout layout);
  Status open_line();
  /// @param sent  Counts the bytes that the kernel took.
  Status send(std::string_view bytes, std::size_t& sent);

  const SerialSettings settings_;
  const Layout layout_;
  std::mutex mutex_;   ///< Guards what follows; held while a text is sent.
  FileDescriptor fd_;  ///< None after a failure.
  bool stopped_ = false;
};

}  // namespace passgate::hid
