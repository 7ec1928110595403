// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fed_card.h"

#include <algorithm>
#include <utility>

#include "tests/fuzz/expect.h"

namespace passgate::fuzz {
namespace {

constexpr std::uint16_t kFirstZeros = 0xF000;
constexpr std::uint16_t kFirstFailure = 0xFFF0;
constexpr std::size_t kKiB = 1024;

constexpr Errc kFailures[] = {Errc::card_removed, Errc::reader_gone, Errc::pcsc_unavailable,
                              Errc::too_large};

}  // namespace

Result<ByteView> FedCard::transmit(const apdu::CommandApdu& command) {
  ++sent_;
  const auto again = apdu::CommandApdu::parse(command.wire());
  FUZZ_EXPECT(again && std::ranges::equal(again->wire(), command.wire()));
  clock_.advance(delay_);
  auto wire = answer(command);
  if (!wire) return std::unexpected(wire.error());
  ++answered_;
  last_ = std::move(*wire);
  return ByteView(last_);
}

Result<Bytes> FedCard::answer(const apdu::CommandApdu&) {
  return next_answer();
}

Result<Bytes> FedCard::next_answer() {
  if (input_.empty()) return fail(Errc::card_removed);
  const std::uint16_t length = input_.number();
  if (length >= kFirstFailure) return fail(kFailures[length % std::size(kFailures)]);
  if (length < kFirstZeros) return exact(input_.take(length));
  Bytes zeros((std::size_t{length} % 256 + 1) * kKiB);
  append_be16(zeros, input_.number());
  return zeros;
}

}  // namespace passgate::fuzz
