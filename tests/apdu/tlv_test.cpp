// SPDX-License-Identifier: Apache-2.0
#include "apdu/tlv.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace passgate::apdu {
namespace {

Bytes hex(std::string_view text) {
  return from_hex(text).value();
}

TEST(TlvList, FindsTagsOfOneTwoAndThreeBytes) {
  const Bytes bytes = hex("5001aa9f2a02bbccdf810303010203");
  const auto list = TlvList::parse(bytes);
  ASSERT_TRUE(list);
  EXPECT_EQ(to_hex(list->find(0x50).value()), "aa");
  EXPECT_EQ(to_hex(list->find(0x9F2A).value()), "bbcc");
  EXPECT_EQ(to_hex(list->find(0xDF8103).value()), "010203");
}

TEST(TlvList, TellsEmptyFromAbsent) {
  const Bytes bytes = hex("9f2a00");
  const auto list = TlvList::parse(bytes);
  ASSERT_TRUE(list);
  ASSERT_TRUE(list->find(0x9F2A));
  EXPECT_TRUE(list->find(0x9F2A)->empty());
  EXPECT_FALSE(list->find(0x9F27));
}

TEST(TlvList, GivesTheFirstOfTwo) {
  const Bytes bytes = hex("5001aa5001bb");
  EXPECT_EQ(to_hex(TlvList::parse(bytes)->find(0x50).value()), "aa");
}

TEST(TlvList, ReadsLongLengths) {
  Bytes bytes = hex("508180");
  bytes.insert(bytes.end(), 128, 0x11);
  append(bytes, hex("51820100"));
  bytes.insert(bytes.end(), 256, 0x22);
  const auto list = TlvList::parse(bytes);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->find(0x50)->size(), 128U);
  EXPECT_EQ(list->find(0x51)->size(), 256U);
}

class LyingLength : public testing::TestWithParam<const char*> {};
TEST_P(LyingLength, IsRefused) {
  const Bytes bytes = hex(GetParam());
  const auto list = TlvList::parse(bytes);
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error(), Error(Errc::bad_length));
}
INSTANTIATE_TEST_SUITE_P(Forms, LyingLength,
                         testing::Values("50",            // no length
                                         "5001",          // one byte announced, none there
                                         "9f27",          // tag only
                                         "9f",            // half a tag
                                         "5080aa0000",    // indefinite form
                                         "508101",        // 81, no value
                                         "5081",          // 81 without its byte
                                         "508201",        // 82 without its second byte
                                         "5083000001aa",  // longer than we read
                                         "50ff",          // reserved
                                         "5001aa9f2740aa"));

TEST(TlvList, RefusesTagsThatAreNone) {
  for (const auto* text : {"0000", "ff00", "00", "1f81828300"}) {
    const Bytes bytes = hex(text);
    EXPECT_EQ(TlvList::parse(bytes).error(), Error(Errc::bad_value)) << text;
  }
}

TEST(TlvList, OpensTemplatesToABoundedDepth) {
  Bytes bytes = hex("5000");
  for (int i = 0; i < 6; ++i) {
    Bytes outer;
    append_tlv(outer, 0x70, bytes);
    bytes = outer;
  }
  auto level = TlvList::parse(bytes);
  unsigned depth = 1;
  while (level) {
    level = level->inside(0x70);
    ++depth;
  }
  EXPECT_EQ(level.error(), Error(Errc::too_large));
  EXPECT_EQ(depth, TlvList::kMaxDepth + 1);
}

TEST(TlvList, HasNothingInsideATemplateThatIsAbsent) {
  const auto inside = TlvList::parse({})->inside(0x70);
  ASSERT_TRUE(inside);
  EXPECT_TRUE(inside->elements().empty());
}

TEST(TlvList, BoundsTheNumberOfObjects) {
  Bytes bytes;
  for (std::size_t i = 0; i < TlvList::kMaxElements; ++i) append_tlv(bytes, 0x50, {});
  EXPECT_TRUE(TlvList::parse(bytes));
  append_tlv(bytes, 0x50, {});
  EXPECT_EQ(TlvList::parse(bytes).error(), Error(Errc::too_large));
}

TEST(AppendTlv, UsesTheShortestLength) {
  const std::pair<std::size_t, std::string_view> cases[] = {
      {0, "9f2700"}, {127, "9f277f"}, {128, "9f278180"}, {255, "9f2781ff"}, {256, "9f27820100"}};
  for (const auto& [size, start] : cases) {
    Bytes bytes;
    append_tlv(bytes, 0x9F27, Bytes(size));
    EXPECT_EQ(bytes.size(), start.size() / 2 + size);
    EXPECT_TRUE(to_hex(bytes).starts_with(start)) << size;
  }
}

TEST(TlvProperty, ReadsBackWhatIsWritten) {
  constexpr Tag kTags[] = {0x50, 0x6F, 0x70, 0x84, 0x9F27, 0x9F2A, 0x7F21, 0xDF8103};
  EXPECT_TRUE(rc::check([&](const std::vector<std::pair<std::uint8_t, Bytes>>& wanted) {
    Bytes bytes;
    const std::size_t count = std::min(wanted.size(), TlvList::kMaxElements);
    for (std::size_t i = 0; i < count; ++i) {
      append_tlv(bytes, kTags[wanted[i].first % std::size(kTags)], wanted[i].second);
    }
    const auto list = TlvList::parse(bytes);
    RC_ASSERT(list.has_value());
    RC_ASSERT(list->elements().size() == count);
    for (std::size_t i = 0; i < count; ++i) {
      RC_ASSERT(list->elements()[i].tag == kTags[wanted[i].first % std::size(kTags)]);
      RC_ASSERT(std::ranges::equal(list->elements()[i].value, wanted[i].second));
    }
  }));
}

TEST(TlvProperty, NeverReadsOutsideItsBytes) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes) {
    const auto list = TlvList::parse(bytes);
    if (!list) return;
    const auto* end = bytes.data() + bytes.size();
    for (const auto& element : list->elements()) {
      RC_ASSERT(element.value.data() >= bytes.data());
      RC_ASSERT(element.value.data() + element.value.size() <= end);
      (void)list->inside(element.tag);
    }
  }));
}

TEST(TlvProperty, NoticesEveryTruncation) {
  EXPECT_TRUE(rc::check([](const Bytes& value) {
    Bytes bytes;
    append_tlv(bytes, 0x9F27, value);
    for (std::size_t size = 1; size < bytes.size(); ++size) {
      RC_ASSERT(!TlvList::parse(ByteView(bytes).first(size)).has_value());
    }
  }));
}

}  // namespace
}  // namespace passgate::apdu
