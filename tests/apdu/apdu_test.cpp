// SPDX-License-Identifier: Apache-2.0
#include "apdu/apdu.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace passgate::apdu {
namespace {

std::string hex(const CommandApdu& command) {
  return to_hex(command.wire());
}

TEST(CommandApdu, EncodesTheFourCases) {
  const Bytes data{0xAA, 0xBB};
  EXPECT_EQ(hex(CommandApdu::case1(0x00, 0xA4, 0x04, 0x00)), "00a40400");
  EXPECT_EQ(hex(CommandApdu::case2(0x00, 0xC0, 0x00, 0x00, 0x1F)), "00c000001f");
  EXPECT_EQ(hex(CommandApdu::case3(0x00, 0xA4, 0x04, 0x00, data)), "00a4040002aabb");
  EXPECT_EQ(hex(CommandApdu::case4(0x00, 0xA4, 0x04, 0x00, data, 256)), "00a4040002aabb00");
}

TEST(CommandApdu, TellsDataAndLeApart) {
  const Bytes data{0xAA, 0xBB};
  const auto c1 = CommandApdu::case1(1, 2, 3, 4);
  const auto c2 = CommandApdu::case2(1, 2, 3, 4, 256);
  const auto c3 = CommandApdu::case3(1, 2, 3, 4, data);
  const auto c4 = CommandApdu::case4(1, 2, 3, 4, data, 7);
  EXPECT_TRUE(c1.data().empty());
  EXPECT_FALSE(c1.le());
  EXPECT_TRUE(c2.data().empty());
  EXPECT_EQ(c2.le(), 256U);
  EXPECT_EQ(to_hex(c3.data()), "aabb");
  EXPECT_FALSE(c3.le());
  EXPECT_EQ(to_hex(c4.data()), "aabb");
  EXPECT_EQ(c4.le(), 7U);
}

TEST(CommandApdu, CanAskForAnotherLength) {
  const Bytes data{0xAA};
  EXPECT_EQ(hex(CommandApdu::case1(1, 2, 3, 4).with_le(5)), "0102030405");
  EXPECT_EQ(hex(CommandApdu::case2(1, 2, 3, 4, 9).with_le(256)), "0102030400");
  EXPECT_EQ(hex(CommandApdu::case3(1, 2, 3, 4, data).with_le(5)), "0102030401aa05");
  EXPECT_EQ(hex(CommandApdu::case4(1, 2, 3, 4, data, 9).with_le(5)), "0102030401aa05");
}

TEST(CommandApdu, RefusesToParseWhatIsNoneOfTheFourCases) {
  EXPECT_EQ(CommandApdu::parse(Bytes{}).error().code(), Errc::too_short);
  EXPECT_EQ(CommandApdu::parse(Bytes{0, 1, 2}).error().code(), Errc::too_short);
  const std::vector<Bytes> wrong = {{0, 1, 2, 3, 2, 0xAA},        // data missing
                                    {0, 1, 2, 3, 1, 0xAA, 0, 0},  // too much
                                    {0, 1, 2, 3, 0, 0, 1, 0xAA},  // extended Lc
                                    {0, 1, 2, 3, 0, 0, 0}};       // extended Le
  for (const auto& wire : wrong) {
    EXPECT_EQ(CommandApdu::parse(wire).error().code(), Errc::bad_length) << to_hex(wire);
  }
}

TEST(CommandApdu, ParsesEveryCommandItMakes) {
  EXPECT_TRUE(rc::check([](std::uint8_t cla, std::uint8_t ins, std::uint8_t p1, std::uint8_t p2,
                           const Bytes& raw, std::uint8_t le) {
    const ByteView data = ByteView(raw).first(std::min<std::size_t>(raw.size(), 255));
    const std::size_t length = le == 0 ? 256 : le;
    const auto command = data.empty() ? CommandApdu::case2(cla, ins, p1, p2, length)
                                      : CommandApdu::case4(cla, ins, p1, p2, data, length);
    const auto parsed = CommandApdu::parse(command.wire());
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(std::ranges::equal(parsed->wire(), command.wire()));
    RC_ASSERT(std::ranges::equal(parsed->data(), data));
    RC_ASSERT(parsed->le() == length);
  }));
}

TEST(CommandApduDeathTest, StopsOnDataThatNeedsTheExtendedForm) {
  EXPECT_DEATH(CommandApdu::case3(0, 0, 0, 0, Bytes(256)), "required");
}

TEST(ResponseView, SplitsDataAndStatus) {
  const Bytes wire{0x01, 0x02, 0x90, 0x00};
  const auto answer = ResponseView::parse(wire);
  ASSERT_TRUE(answer);
  EXPECT_EQ(to_hex(answer->data()), "0102");
  EXPECT_EQ(answer->sw(), kSuccess);
  EXPECT_EQ(answer->sw().sw1(), 0x90);
}

TEST(ResponseView, NeedsAStatusWord) {
  EXPECT_EQ(ResponseView::parse(Bytes{0x90}).error(), Error(Errc::too_short));
  EXPECT_EQ(ResponseView::parse({}).error(), Error(Errc::too_short));
}

}  // namespace
}  // namespace passgate::apdu
