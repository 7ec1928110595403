// SPDX-License-Identifier: Apache-2.0
#include "apdu/apdu.h"

#include "core/require.h"

namespace passgate::apdu {
namespace {

constexpr std::size_t kHeader = 4;
constexpr std::size_t kLargestData = 255;
constexpr std::size_t kLargestLe = 256;  // 00 on the wire

std::uint8_t encoded_le(std::size_t le) {
  PG_REQUIRE(le >= 1 && le <= kLargestLe);
  return static_cast<std::uint8_t>(le);
}

std::size_t decoded_le(std::uint8_t byte) {
  return byte == 0 ? kLargestLe : byte;
}

}  // namespace

CommandApdu CommandApdu::case1(std::uint8_t cla, std::uint8_t ins, std::uint8_t p1,
                               std::uint8_t p2) {
  return CommandApdu(Bytes{cla, ins, p1, p2});
}

CommandApdu CommandApdu::case2(std::uint8_t cla, std::uint8_t ins, std::uint8_t p1, std::uint8_t p2,
                               std::size_t le) {
  return CommandApdu(Bytes{cla, ins, p1, p2, encoded_le(le)});
}

CommandApdu CommandApdu::case3(std::uint8_t cla, std::uint8_t ins, std::uint8_t p1, std::uint8_t p2,
                               ByteView data) {
  PG_REQUIRE(!data.empty() && data.size() <= kLargestData);
  Bytes wire{cla, ins, p1, p2, static_cast<std::uint8_t>(data.size())};
  append(wire, data);
  return CommandApdu(std::move(wire));
}

CommandApdu CommandApdu::case4(std::uint8_t cla, std::uint8_t ins, std::uint8_t p1, std::uint8_t p2,
                               ByteView data, std::size_t le) {
  CommandApdu command = case3(cla, ins, p1, p2, data);
  command.wire_.push_back(encoded_le(le));
  return command;
}

Result<CommandApdu> CommandApdu::parse(ByteView wire) {
  if (wire.size() < kHeader) return fail(Errc::too_short);
  if (wire.size() > kHeader + 1) {
    const std::size_t lc = wire[kHeader];  // 00 here would announce the extended form
    const std::size_t body = kHeader + 1 + lc;
    if (lc == 0 || (wire.size() != body && wire.size() != body + 1)) return fail(Errc::bad_length);
  }
  return CommandApdu(Bytes(wire.begin(), wire.end()));
}

ByteView CommandApdu::data() const noexcept {
  if (wire_.size() <= kHeader + 1) return {};
  return ByteView(wire_).subspan(kHeader + 1, wire_[kHeader]);
}

std::optional<std::size_t> CommandApdu::le() const noexcept {
  const bool case2 = wire_.size() == kHeader + 1;
  const bool case4 = wire_.size() > kHeader + 1 && wire_.size() == kHeader + 2 + wire_[kHeader];
  if (!case2 && !case4) return std::nullopt;
  return decoded_le(wire_.back());
}

CommandApdu CommandApdu::with_le(std::size_t le) const {
  CommandApdu command = *this;
  if (this->le()) command.wire_.pop_back();
  command.wire_.push_back(encoded_le(le));
  return command;
}

Result<ResponseView> ResponseView::parse(ByteView wire) {
  if (wire.size() < 2) return fail(Errc::too_short);
  return ResponseView(wire.first(wire.size() - 2), StatusWord(be16(wire.last(2))));
}

}  // namespace passgate::apdu
