// SPDX-License-Identifier: Apache-2.0
#include "apdu/ndef.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace passgate::apdu {
namespace {

Bytes bytes(std::string_view hex) {
  return from_hex(hex).value();
}
Result<NdefMessage> parse(const Bytes& wire) {
  return NdefMessage::parse(wire);
}
Error error_of(std::string_view hex) {
  const Bytes wire = bytes(hex);
  const auto message = parse(wire);
  return message ? Error(Errc::stopped) : message.error();
}

TEST(Ndef, ReadsAShortRecord) {
  const Bytes wire = bytes("d40305636c64040133ee80");
  const auto message = parse(wire);
  ASSERT_TRUE(message);
  ASSERT_EQ(message->records().size(), 1U);
  const auto& record = message->records()[0];
  EXPECT_EQ(record.tnf, static_cast<std::uint8_t>(Tnf::external));
  EXPECT_EQ(text_of(record.type), "cld");
  EXPECT_TRUE(record.id.empty());
  EXPECT_EQ(to_hex(record.payload), "040133ee80");
}

TEST(Ndef, ReadsALongRecord) {
  const Bytes wire = bytes(
      "c40300000002617376"
      "0102");
  const auto message = parse(wire);
  ASSERT_TRUE(message);
  EXPECT_EQ(to_hex(message->find("asv")->payload), "0102");
}

TEST(Ndef, ReadsAnIdBesideTheType) {
  const Bytes wire = bytes(
      "d90103015"
      "46e"
      "003432");
  const auto message = parse(wire);
  ASSERT_TRUE(message);
  const auto& record = message->records()[0];
  EXPECT_EQ(record.tnf, static_cast<std::uint8_t>(Tnf::well_known));
  EXPECT_EQ(text_of(record.type), "T");
  EXPECT_EQ(text_of(record.id), "n");
  EXPECT_EQ(to_hex(record.payload), "003432");
}

TEST(Ndef, NamesARecordByItsTypeOrItsId) {
  const Bytes external = bytes(
      "d40100"
      "6e");
  const Bytes well_known = bytes("d9010001546e");
  EXPECT_TRUE(parse(external)->records()[0].is("n"));
  EXPECT_TRUE(parse(well_known)->records()[0].is("n"));
  EXPECT_FALSE(parse(external)->records()[0].is("T"));
  EXPECT_FALSE(parse(external)->records()[0].is("nn"));
  EXPECT_FALSE(parse(external)->records()[0].is("N"));
}

TEST(Ndef, FindsTheFirstOfAName) {
  const Bytes wire = bytes(
      "940101"
      "6e"
      "01"
      "540101"
      "6e"
      "02");
  const auto message = parse(wire);
  ASSERT_TRUE(message);
  ASSERT_EQ(message->records().size(), 2U);
  EXPECT_EQ(to_hex(message->find("n")->payload), "01");
  EXPECT_EQ(message->find("p"), nullptr);
}

TEST(Ndef, ReadsAMessageInARecord) {
  NdefWriter inner;
  inner.add("ses", bytes("01"));
  Bytes payload = {0x00, 0x01};
  append(payload, inner.bytes());
  const Bytes wire = NdefWriter().add("srq", payload).bytes();
  const auto message = parse(wire);
  ASSERT_TRUE(message);
  const auto inside = message->inside(message->records()[0], 2);
  ASSERT_TRUE(inside);
  EXPECT_EQ(to_hex(inside->find("ses")->payload), "01");
  EXPECT_EQ(message->inside(message->records()[0], payload.size() + 1).error(),
            Error(Errc::too_short));
}

TEST(Ndef, IsReadSixLevelsDeepAndNoDeeper) {
  Bytes wire = NdefWriter().add("x", {}).bytes();
  for (int level = 1; level < 7; ++level) wire = NdefWriter().add("x", wire).bytes();
  auto message = parse(wire);
  for (unsigned level = 1; level < NdefMessage::kMaxDepth; ++level) {
    ASSERT_TRUE(message) << level;
    message = message->inside(message->records()[0]);
  }
  ASSERT_TRUE(message);
  EXPECT_EQ(message->inside(message->records()[0]).error(), Error(Errc::too_large));
}

TEST(Ndef, HasABoundOnItsRecords) {
  NdefWriter writer;
  for (std::size_t i = 0; i < NdefMessage::kMaxRecords; ++i) writer.add("x", {});
  const Bytes most = writer.bytes();
  ASSERT_TRUE(parse(most));
  EXPECT_EQ(parse(most)->records().size(), NdefMessage::kMaxRecords);
  const Bytes one_more = writer.add("x", {}).bytes();
  EXPECT_EQ(parse(one_more).error(), Error(Errc::too_large));
}

TEST(Ndef, RefusesWhatIsNoMessage) {
  EXPECT_EQ(error_of(""), Error(Errc::too_short));
  EXPECT_EQ(error_of("9401006e"), Error(Errc::too_short)) << "no end mark";
  EXPECT_EQ(error_of("5401006e"), Error(Errc::bad_value)) << "no begin mark";
  EXPECT_EQ(error_of("9401006ed401006e"), Error(Errc::bad_value)) << "a second begin mark";
  EXPECT_EQ(error_of("d401006e00"), Error(Errc::bad_value)) << "bytes after the end";
  EXPECT_EQ(error_of("f401006e"), Error(Errc::bad_value)) << "a chunk";
}

TEST(Ndef, RefusesALengthThatLies) {
  EXPECT_EQ(error_of("d4"), Error(Errc::bad_length));
  EXPECT_EQ(error_of("d4ff006e"), Error(Errc::bad_length)) << "type";
  EXPECT_EQ(error_of("d401016e"), Error(Errc::bad_length)) << "payload";
  EXPECT_EQ(error_of("c401ffffffff6e"), Error(Errc::bad_length)) << "long payload";
  EXPECT_EQ(error_of("dc0100ff6e"), Error(Errc::bad_length)) << "id";
}

TEST(Ndef, FailsCleanlyWhereverItIsCut) {
  NdefWriter writer;
  writer.add("ses", bytes("0102030405060708ff01"))
      .add(Tnf::well_known, "T", "n", bytes("0032303138"))
      .add("reb", Bytes(300, 0xAB));
  const Bytes whole = writer.bytes();
  ASSERT_TRUE(parse(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // A copy of its own, so that a sanitizer sees a read behind it.
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto message = parse(cut);
    ASSERT_FALSE(message) << size;
    EXPECT_TRUE(message.error().code() == Errc::too_short ||
                message.error().code() == Errc::bad_length)
        << size;
  }
}

TEST(NdefWriter, MarksBeginAndEnd) {
  NdefWriter writer;
  EXPECT_TRUE(writer.bytes().empty());
  writer.add("a", bytes("01"));
  EXPECT_EQ(to_hex(writer.bytes()),
            "d4010161"
            "01");
  writer.add("b", {});
  EXPECT_EQ(to_hex(writer.bytes()),
            "94010161"
            "01"
            "54010062");
  writer.add("c", {});
  EXPECT_EQ(to_hex(writer.bytes()),
            "94010161"
            "01"
            "14010062"
            "54010063");
}

TEST(NdefWriter, WritesTheShortFormBelow256Bytes) {
  const Bytes small = NdefWriter().add("a", Bytes(255, 0)).bytes();
  EXPECT_EQ(to_hex(ByteView(small).first(4)), "d401ff61");
  const Bytes large = NdefWriter().add("a", Bytes(256, 0)).bytes();
  EXPECT_EQ(to_hex(ByteView(large).first(7)), "c4010000010061");
}

struct Written {
  Tnf tnf;
  std::string type;
  std::string id;
  Bytes payload;
};

TEST(NdefProperty, ReadsWhatWasWritten) {
  EXPECT_TRUE(rc::check([] {
    std::vector<Written> records;
    NdefWriter writer;
    const auto count = *rc::gen::inRange<std::size_t>(1, NdefMessage::kMaxRecords + 1);
    for (std::size_t i = 0; i < count; ++i) {
      const auto& record = records.emplace_back(
          Written{*rc::gen::element(Tnf::well_known, Tnf::external),
                  *rc::gen::arbitrary<std::string>(), *rc::gen::arbitrary<std::string>(),
                  Bytes(*rc::gen::element<std::size_t>(0, 1, 17, 255, 256, 700),
                        *rc::gen::arbitrary<std::uint8_t>())});
      writer.add(record.tnf, record.type, record.id, record.payload);
    }
    const auto message = parse(writer.bytes());
    RC_ASSERT(message.has_value());
    RC_ASSERT(message->records().size() == records.size());
    for (std::size_t i = 0; i < count; ++i) {
      const auto& read = message->records()[i];
      RC_ASSERT(read.tnf == static_cast<std::uint8_t>(records[i].tnf));
      RC_ASSERT(text_of(read.type) == records[i].type);
      RC_ASSERT(text_of(read.id) == records[i].id);
      RC_ASSERT(std::ranges::equal(read.payload, records[i].payload));
    }
  }));
}

TEST(NdefProperty, NeverCrashesOnBytes) {
  EXPECT_TRUE(rc::check([](Bytes wire) {
    (void)parse(wire);
    if (!wire.empty()) wire[0] |= 0x80;  // past the begin mark
    const auto message = parse(wire);
    if (message) {
      for (const auto& record : message->records()) (void)message->inside(record);
    }
  }));
}

}  // namespace
}  // namespace passgate::apdu
