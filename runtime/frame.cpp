// SPDX-License-Identifier: Apache-2.0
#include "runtime/frame.h"

#include <string>

#include "runtime/json_text.h"

namespace passgate::runtime {
namespace {

constexpr std::size_t kLengthSize = 4;
constexpr std::size_t kVersionSize = 1;

Result<Message> parse(std::string_view json) {
  Message message = parse_json(json);
  if (!message.is_object()) return fail(Errc::bad_value);
  const auto type = message.find("type");
  if (type == message.end() || !type->is_string()) return fail(Errc::bad_value);
  return message;
}

}  // namespace

Result<Bytes> encode_frame(const Message& message) {
  // Text that is not UTF-8 is repaired: an odd character must not cost the message.
  const std::string json =
      message.dump(-1, ' ', /*ensure_ascii=*/false, Message::error_handler_t::replace);
  const std::size_t length = kVersionSize + json.size();
  if (length > kMaxFrame) return fail(Errc::too_large);
  Bytes frame;
  frame.reserve(kLengthSize + length);
  append_be32(frame, static_cast<std::uint32_t>(length));
  frame.push_back(kFrameVersion);
  append(frame, bytes_of(json));
  return frame;
}

void FrameReader::feed(ByteView bytes) {
  if (consumed_ > 0) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(consumed_));
    consumed_ = 0;
  }
  append(buffer_, bytes);
}

Result<std::optional<Message>> FrameReader::next() {
  const ByteView pending = ByteView(buffer_).subspan(consumed_);
  if (pending.size() < kLengthSize) return std::nullopt;
  const std::size_t length = be32(pending);
  // Both are known from the first bytes, so that nothing is gathered in vain.
  if (length > kMaxFrame) return fail(Errc::too_large);
  if (length < kVersionSize) return fail(Errc::bad_value);
  if (pending.size() < kLengthSize + kVersionSize) return std::nullopt;
  if (pending[kLengthSize] != kFrameVersion) return fail(Errc::bad_version, pending[kLengthSize]);
  if (pending.size() < kLengthSize + length) return std::nullopt;
  auto message = parse(text_of(pending.subspan(kLengthSize + kVersionSize, length - kVersionSize)));
  if (!message) return std::unexpected(message.error());
  consumed_ += kLengthSize + length;
  return std::optional<Message>(std::move(*message));
}

}  // namespace passgate::runtime
