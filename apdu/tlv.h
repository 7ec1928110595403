// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/bytes.h"
#include "core/result.h"

namespace passgate::apdu {

/// A BER-TLV tag as it stands on the wire: 0x70, 0x9F27, 0xDFDF02.
using Tag = std::uint32_t;

/// One data object; the value is borrowed.
struct TlvElement {
  Tag tag;
  ByteView value;
};

/// The data objects of one level, in wire order (ISO 7816-4 §5.2.2). Parsed
/// whole before anything is looked up, so a lie about a length is found
/// wherever it stands. Borrows what it was parsed from.
class TlvList {
 public:
  /// Deeper or longer answers are hostile: Google's directory has 6 levels, and
  /// no level of a wallet's answer more than 6 objects.
  static constexpr unsigned kMaxDepth = 6;
  static constexpr std::size_t kMaxElements = 64;

  /// Tags of up to three bytes; lengths short, 81 and 82. Empty bytes give an
  /// empty list. Errors: bad_length (a length that lies, is indefinite or
  /// longer than 82), bad_value (a tag that is none), too_large.
  static Result<TlvList> parse(ByteView bytes);

  /// The value of the first object with this tag. An empty value is present; an
  /// absent object is nullopt.
  std::optional<ByteView> find(Tag tag) const noexcept;

  /// The objects inside the template `tag`; an absent template has none inside.
  /// Errors: those of parse; too_large below kMaxDepth levels.
  Result<TlvList> inside(Tag tag) const;
  /// The same for one of several objects with one tag.
  Result<TlvList> inside(const TlvElement& element) const;

  std::span<const TlvElement> elements() const noexcept { return elements_; }

 private:
  static Result<TlvList> parse(ByteView bytes, unsigned depth);

  std::vector<TlvElement> elements_;
  unsigned depth_ = 1;
};

/// Appends one data object with the shortest length that fits.
/// @param value  At most 65535 bytes.
void append_tlv(Bytes& to, Tag tag, ByteView value);

}  // namespace passgate::apdu
