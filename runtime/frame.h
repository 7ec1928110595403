// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/bytes.h"
#include "core/result.h"

namespace passgate::runtime {

/// A message between our processes: a JSON object with a member "type".
using Message = nlohmann::json;

/// On the wire: length[4, big-endian, of what follows] | version[1] = 1 | JSON text.
inline constexpr std::uint8_t kFrameVersion = 1;
inline constexpr std::size_t kMaxFrame = std::size_t{1024} * 1024;  ///< Bytes after the length.

/// One message as a frame. Errors: too_large.
Result<Bytes> encode_frame(const Message& message);

/// Cuts a byte stream into messages. Pure; memory bounded by kMaxFrame plus one
/// read. After an error the stream is useless: close it.
class FrameReader {
 public:
  void feed(ByteView bytes);
  /// The next whole message; nothing when more bytes are needed.
  /// Errors: too_large, bad_version, bad_value (not a JSON object with "type").
  Result<std::optional<Message>> next();

 private:
  Bytes buffer_;
  std::size_t consumed_ = 0;
};

}  // namespace passgate::runtime
