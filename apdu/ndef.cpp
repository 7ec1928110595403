// SPDX-License-Identifier: Apache-2.0
#include "apdu/ndef.h"

#include <algorithm>
#include <limits>

#include "core/require.h"

namespace passgate::apdu {
namespace {

// Header byte (NFC Forum NDEF 1.0 §3.2).
constexpr std::uint8_t kMessageBegin = 0x80;
constexpr std::uint8_t kMessageEnd = 0x40;
constexpr std::uint8_t kChunk = 0x20;
constexpr std::uint8_t kShortRecord = 0x10;
constexpr std::uint8_t kHasId = 0x08;
constexpr std::uint8_t kTnfBits = 0x07;

/// Takes `size` bytes from the front of `rest`.
Result<ByteView> take(ByteView& rest, std::size_t size) {
  if (size > rest.size()) return fail(Errc::bad_length);
  const ByteView taken = rest.first(size);
  rest = rest.subspan(size);
  return taken;
}

/// Takes a length of one byte, or of four.
Result<std::size_t> take_length(ByteView& rest, bool one_byte) {
  const auto bytes = take(rest, one_byte ? 1 : 4);
  if (!bytes) return std::unexpected(bytes.error());
  return one_byte ? (*bytes)[0] : std::size_t{be32(*bytes)};
}

/// Takes one record from the front of `rest`, which is not empty.
Result<NdefRecord> take_record(ByteView& rest) {
  const std::uint8_t header = rest[0];
  rest = rest.subspan(1);
  const auto type_size = take_length(rest, true);
  if (!type_size) return std::unexpected(type_size.error());
  const auto payload_size = take_length(rest, (header & kShortRecord) != 0);
  if (!payload_size) return std::unexpected(payload_size.error());
  const auto id_size =
      (header & kHasId) != 0 ? take_length(rest, true) : Result<std::size_t>(std::size_t{0});
  if (!id_size) return std::unexpected(id_size.error());

  NdefRecord record{.tnf = static_cast<std::uint8_t>(header & kTnfBits)};
  for (const auto& [part, size] : {std::pair{&record.type, *type_size},
                                   {&record.id, *id_size},
                                   {&record.payload, *payload_size}}) {
    const auto bytes = take(rest, size);
    if (!bytes) return std::unexpected(bytes.error());
    *part = *bytes;
  }
  return record;
}

}  // namespace

bool NdefRecord::is(std::string_view name) const noexcept {
  return text_of(type) == name || text_of(id) == name;
}

Result<NdefMessage> NdefMessage::parse(ByteView bytes) {
  return parse(bytes, 1);
}

Result<NdefMessage> NdefMessage::parse(ByteView bytes, unsigned depth) {
  if (depth > kMaxDepth) return fail(Errc::too_large);
  NdefMessage message;
  message.depth_ = depth;
  for (bool ended = false; !ended;) {
    if (bytes.empty()) return fail(Errc::too_short);
    if (message.records_.size() == kMaxRecords) return fail(Errc::too_large);
    const std::uint8_t header = bytes[0];
    const bool begins = (header & kMessageBegin) != 0;
    if (begins != message.records_.empty() || (header & kChunk) != 0) return fail(Errc::bad_value);
    const auto record = take_record(bytes);
    if (!record) return std::unexpected(record.error());
    message.records_.push_back(*record);
    ended = (header & kMessageEnd) != 0;
  }
  if (!bytes.empty()) return fail(Errc::bad_value);
  return message;
}

const NdefRecord* NdefMessage::find(std::string_view name) const noexcept {
  const auto found =
      std::ranges::find_if(records_, [&](const NdefRecord& each) { return each.is(name); });
  return found == records_.end() ? nullptr : &*found;
}

Result<NdefMessage> NdefMessage::inside(const NdefRecord& record, std::size_t skip) const {
  if (skip > record.payload.size()) return fail(Errc::too_short);
  return parse(record.payload.subspan(skip), depth_ + 1);
}

NdefWriter& NdefWriter::add(std::string_view type, ByteView payload) {
  return add(Tnf::external, type, {}, payload);
}

NdefWriter& NdefWriter::add(Tnf tnf, std::string_view type, std::string_view id, ByteView payload) {
  PG_REQUIRE(type.size() <= 0xFF && id.size() <= 0xFF &&
             payload.size() <= std::numeric_limits<std::uint32_t>::max());
  const bool is_short = payload.size() <= 0xFF;
  std::uint8_t header = static_cast<std::uint8_t>(tnf);
  if (bytes_.empty()) {
    header |= kMessageBegin;
  } else {
    bytes_[last_] &= static_cast<std::uint8_t>(~kMessageEnd);
  }
  header |= kMessageEnd;
  if (is_short) header |= kShortRecord;
  if (!id.empty()) header |= kHasId;

  last_ = bytes_.size();
  bytes_.push_back(header);
  bytes_.push_back(static_cast<std::uint8_t>(type.size()));
  if (is_short) {
    bytes_.push_back(static_cast<std::uint8_t>(payload.size()));
  } else {
    append_be32(bytes_, static_cast<std::uint32_t>(payload.size()));
  }
  if (!id.empty()) bytes_.push_back(static_cast<std::uint8_t>(id.size()));
  append(bytes_, bytes_of(type));
  append(bytes_, bytes_of(id));
  append(bytes_, payload);
  return *this;
}

}  // namespace passgate::apdu
