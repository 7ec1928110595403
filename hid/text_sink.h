// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "hid/layout.h"
#include "hid/sink.h"

namespace passgate::hid {

/// Appends to a file exactly what a keyboard of the same layout would type, and
/// refuses what it would refuse. One write a text; nothing is added. Mode 0600
/// when the file is created. The file is opened for each text, so that it may be
/// rotated or removed meanwhile. Thread-safe.
class TextSink final : public Sink {
 public:
  /// Creates the file, so that a wrong path is found at start.
  /// Errors: storage_unwritable, storage_full (errno as detail).
  static Result<std::unique_ptr<TextSink>> open(std::filesystem::path path, Layout layout);

  Status type(std::string_view text) override;

 private:
  TextSink(std::filesystem::path path, Layout layout);

  const std::filesystem::path path_;
  const Layout layout_;
  std::mutex mutex_;  ///< A text is taken back whole if the disk fills half-way.
};

}  // namespace passgate::hid
