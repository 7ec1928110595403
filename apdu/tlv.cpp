// SPDX-License-Identifier: Apache-2.0
#include "apdu/tlv.h"

#include <algorithm>

#include "core/require.h"

namespace passgate::apdu {
namespace {

constexpr std::uint8_t kTagContinues = 0x1F;  // bits 5..1 of the first byte all set
constexpr std::uint8_t kMoreTagBytes = 0x80;
constexpr std::size_t kLongestTag = 3;

/// Takes the tag from the front of `rest`.
Result<Tag> take_tag(ByteView& rest) {
  // 00 and FF are padding in some files of ISO 7816-4; no wallet sends them.
  if (rest[0] == 0x00 || rest[0] == 0xFF) return fail(Errc::bad_value);
  Tag tag = rest[0];
  std::size_t size = 1;
  if ((rest[0] & kTagContinues) == kTagContinues) {
    do {
      if (size == rest.size()) return fail(Errc::bad_length);
      if (size == kLongestTag) return fail(Errc::bad_value);
      tag = tag << 8 | rest[size];
    } while ((rest[size++] & kMoreTagBytes) != 0);
  }
  rest = rest.subspan(size);
  return tag;
}

/// Takes the length from the front of `rest`.
Result<std::size_t> take_length(ByteView& rest) {
  if (rest.empty()) return fail(Errc::bad_length);
  const std::uint8_t first = rest[0];
  if (first < 0x80) {
    rest = rest.subspan(1);
    return first;
  }
  const std::size_t more = first & 0x7FU;  // 0 would be the indefinite form
  if (more < 1 || more > 2 || rest.size() < 1 + more) return fail(Errc::bad_length);
  const std::size_t length = more == 1 ? rest[1] : be16(rest.subspan(1, 2));
  rest = rest.subspan(1 + more);
  return length;
}

}  // namespace

Result<TlvList> TlvList::parse(ByteView bytes) {
  return parse(bytes, 1);
}

Result<TlvList> TlvList::parse(ByteView bytes, unsigned depth) {
  if (depth > kMaxDepth) return fail(Errc::too_large);
  TlvList list;
  list.depth_ = depth;
  while (!bytes.empty()) {
    if (list.elements_.size() == kMaxElements) return fail(Errc::too_large);
    const auto tag = take_tag(bytes);
    if (!tag) return std::unexpected(tag.error());
    const auto length = take_length(bytes);
    if (!length) return std::unexpected(length.error());
    if (*length > bytes.size()) return fail(Errc::bad_length);
    list.elements_.push_back({.tag = *tag, .value = bytes.first(*length)});
    bytes = bytes.subspan(*length);
  }
  return list;
}

std::optional<ByteView> TlvList::find(Tag tag) const noexcept {
  const auto found = std::ranges::find(elements_, tag, &TlvElement::tag);
  if (found == elements_.end()) return std::nullopt;
  return found->value;
}

Result<TlvList> TlvList::inside(Tag tag) const {
  return parse(find(tag).value_or(ByteView{}), depth_ + 1);
}

Result<TlvList> TlvList::inside(const TlvElement& element) const {
  return parse(element.value, depth_ + 1);
}

void append_tlv(Bytes& to, Tag tag, ByteView value) {
  PG_REQUIRE(tag != 0 && tag <= 0xFFFFFF && value.size() <= 0xFFFF);
  if (tag > 0xFFFF) to.push_back(static_cast<std::uint8_t>(tag >> 16));
  if (tag > 0xFF) to.push_back(static_cast<std::uint8_t>(tag >> 8));
  to.push_back(static_cast<std::uint8_t>(tag));
  if (value.size() > 0xFF) {
    to.push_back(0x82);
    append_be16(to, static_cast<std::uint16_t>(value.size()));
  } else {
    if (value.size() >= 0x80) to.push_back(0x81);
    to.push_back(static_cast<std::uint8_t>(value.size()));
  }
  append(to, value);
}

}  // namespace passgate::apdu
