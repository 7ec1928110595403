// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/bytes.h"
#include "core/result.h"

namespace passgate::apdu {

/// SW1 SW2 of an answer (ISO 7816-4 §5.6).
class StatusWord {
 public:
  constexpr explicit StatusWord(std::uint16_t value) noexcept : value_(value) {}
  constexpr std::uint16_t value() const noexcept { return value_; }
  constexpr std::uint8_t sw1() const noexcept { return static_cast<std::uint8_t>(value_ >> 8); }
  constexpr std::uint8_t sw2() const noexcept { return static_cast<std::uint8_t>(value_); }
  friend constexpr auto operator<=>(StatusWord, StatusWord) = default;

 private:
  std::uint16_t value_;
};
inline constexpr StatusWord kSuccess{0x9000};

/// Le that takes an answer of any length; sent as 00.
inline constexpr std::size_t kWholeAnswer = 256;

/// A command in short form (ISO 7816-4 §5.1), owned. Its four cases:
///   case 1  header                  case 3  header Lc data
///   case 2  header Le               case 4  header Lc data Le
class CommandApdu {
 public:
  static CommandApdu case1(std::uint8_t cla, std::uint8_t ins, std::uint8_t p1, std::uint8_t p2);
  /// @param le  1..256; 256 is sent as 00.
  static CommandApdu case2(std::uint8_t cla, std::uint8_t ins, std::uint8_t p1, std::uint8_t p2,
                           std::size_t le);
  /// @param data  1..255 bytes, copied. Longer data is a broken precondition.
  static CommandApdu case3(std::uint8_t cla, std::uint8_t ins, std::uint8_t p1, std::uint8_t p2,
                           ByteView data);
  static CommandApdu case4(std::uint8_t cla, std::uint8_t ins, std::uint8_t p1, std::uint8_t p2,
                           ByteView data, std::size_t le);
  /// The bytes of somebody's command, checked to be one of the four cases.
  /// Errors: too_short, bad_length.
  static Result<CommandApdu> parse(ByteView wire);

  ByteView wire() const noexcept { return wire_; }
  std::uint8_t cla() const noexcept { return wire_[0]; }
  std::uint8_t ins() const noexcept { return wire_[1]; }
  std::uint8_t p1() const noexcept { return wire_[2]; }
  std::uint8_t p2() const noexcept { return wire_[3]; }
  ByteView data() const noexcept;  ///< Borrowed from *this.
  std::optional<std::size_t> le() const noexcept;
  /// The same command asking for `le` bytes: what 6Cxx wants.
  CommandApdu with_le(std::size_t le) const;

 private:
  explicit CommandApdu(Bytes wire) : wire_(std::move(wire)) {}
  Bytes wire_;
};

/// An answer, borrowed: data and status word.
class ResponseView {
 public:
  /// Errors: too_short (an answer has at least its status word).
  static Result<ResponseView> parse(ByteView wire);
  ResponseView(ByteView data, StatusWord sw) noexcept : data_(data), sw_(sw) {}

  ByteView data() const noexcept { return data_; }
  StatusWord sw() const noexcept { return sw_; }

 private:
  ByteView data_;
  StatusWord sw_;
};

}  // namespace passgate::apdu
