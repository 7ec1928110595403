// SPDX-License-Identifier: Apache-2.0
// What the published vectors do not show of a bundle: refusals, bounds, text in
// odd formats.
#include "apdu/smart_tap_object.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "apdu/inflate.h"
#include "apdu/ndef.h"

namespace passgate::apdu {
namespace {

Bytes compressed(ByteView content) {
  uLongf size = compressBound(content.size());
  Bytes out(size);
  EXPECT_EQ(compress(out.data(), &size, content.data(), content.size()), Z_OK);
  out.resize(size);
  return out;
}

Bytes with_format(std::uint8_t format, ByteView value) {
  Bytes bytes = {format};
  append(bytes, value);
  return bytes;
}

/// One object of this record type around a service number record.
Bytes object(std::string_view type, const NdefWriter& inside) {
  const NdefWriter service =
      NdefWriter().add("i", Bytes{0x04, 0x01, 0x00, 0x00, 0x00, 0x07}).add(type, inside.bytes());
  return NdefWriter().add("asv", service.bytes()).bytes();
}

SealedBundle bundle(std::uint8_t flags, ByteView body) {
  Bytes bytes = {flags};
  append(bytes, body);
  return {.collector = CollectorId(1), .bundle = bytes, .keys = std::nullopt};
}

Errc refusal(const SealedBundle& sealed) {
  const auto opened = open_bundle(sealed);
  return opened ? Errc{} : opened.error().code();
}

std::string text_of_number(std::uint8_t format, std::string_view hex) {
  const Bytes value = with_format(format, from_hex(hex).value());
  const auto objects = read_objects(object("ly", NdefWriter().add("n", value)));
  return objects && objects->size() == 1 ? objects->at(0).service_number->text : "unreadable";
}

const Bytes kOne = object("ly", NdefWriter().add("n", with_format(0x01, bytes_of("2018"))));

TEST(BundleFlags, OnlyTheKnownOnesAreAccepted) {
  EXPECT_TRUE(open_bundle(bundle(0x00, kOne)));
  EXPECT_TRUE(open_bundle(bundle(0x02, compressed(kOne))));
  for (const int flags : {0x04, 0x80, 0x06, 0xFC}) {
    EXPECT_EQ(refusal(bundle(static_cast<std::uint8_t>(flags), kOne)), Errc::bad_value) << flags;
  }
  EXPECT_EQ(refusal({.collector = CollectorId(1), .bundle = {}, .keys = std::nullopt}),
            Errc::too_short);
}

TEST(BundleFlags, AnEncryptedOneNeedsASessionWithKeys) {
  EXPECT_EQ(refusal(bundle(0x01, Bytes(64))), Errc::unknown_key);
}

TEST(BundleCompression, IsOneWholeStreamAndNothingElse) {
  const Bytes whole = compressed(kOne);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(refusal(bundle(0x02, ByteView(whole).first(size))), Errc::bad_compression) << size;
  }
  Bytes more = whole;
  more.push_back(0x00);
  EXPECT_EQ(refusal(bundle(0x02, more)), Errc::bad_compression);
  Bytes wrong_sum = whole;
  wrong_sum.back() ^= 0x01;
  EXPECT_EQ(refusal(bundle(0x02, wrong_sum)), Errc::bad_compression);
}

TEST(BundleCompression, IsBoundedToTheByte) {
  constexpr std::size_t kMost = 10'000;  // larger than the first guess
  const Bytes fits = compressed(Bytes(kMost, 0x41));
  ASSERT_TRUE(inflate(fits, kMost));
  EXPECT_EQ(inflate(fits, kMost)->size(), kMost);
  EXPECT_EQ(inflate(compressed(Bytes(kMost + 1, 0x41)), kMost).error(), Error(Errc::too_large));
  EXPECT_EQ(inflate(compressed(Bytes{}), kMost)->size(), 0U);
}

TEST(ObjectText, IsUtf8WhateverTheFormat) {
  EXPECT_EQ(text_of_number(0x01, "32303138"), "2018");
  EXPECT_EQ(text_of_number(0x03, "004b00f3d83dde00"), "K\u00f3\U0001F600");
  EXPECT_EQ(text_of_number(0x03, "d83d"), "\uFFFD") << "half a pair";
  EXPECT_EQ(text_of_number(0x03, "dc000041"), "\uFFFDA") << "the other half";
  EXPECT_EQ(text_of_number(0x03, "004100"), "A\uFFFD") << "half a unit";
  EXPECT_EQ(text_of_number(0x05, "40123f"), "40123") << "an odd number of digits";
  EXPECT_EQ(text_of_number(0x77, "3031"), "01") << "a format nobody knows";
}

TEST(ObjectText, OfAnRtdRecordBeginsAfterItsLanguage) {
  const auto number = [](const Bytes& payload) {
    const auto objects =
        read_objects(object("et", NdefWriter().add(Tnf::well_known, "T", "n", payload)));
    return objects ? objects->at(0).service_number->text
                   : std::string(name(objects.error().code()));
  };
  EXPECT_EQ(number({0x00, '4', '2'}), "42");
  EXPECT_EQ(number({0x02, 'e', 'n', '4', '2'}), "42");
  EXPECT_EQ(number({0x82, 'e', 'n', 0x00, '4'}), "4") << "UTF-16";
  EXPECT_EQ(number({0x3F, 'e', 'n'}), "bad_length");
  EXPECT_EQ(number({}), "too_short");
}

TEST(ObjectKinds, AreKnownByNameAndAskedForByType) {
  for (const auto kind :
       {ObjectKind::loyalty, ObjectKind::offer, ObjectKind::gift_card, ObjectKind::closed_loop,
        ObjectKind::event_ticket, ObjectKind::flight, ObjectKind::transit, ObjectKind::generic,
        ObjectKind::generic_private, ObjectKind::customer}) {
    EXPECT_EQ(object_kind_from(name(kind)), kind);
    EXPECT_NE(service_of(kind), ServiceType::all);
  }
  EXPECT_FALSE(object_kind_from("all"));
}

TEST(ObjectKinds, ThatNobodyKnowsAreLeftOut) {
  const auto unknown = read_objects(object("zz", NdefWriter().add("n", Bytes{0x01, '1'})));
  ASSERT_TRUE(unknown);
  EXPECT_TRUE(unknown->empty());
  const auto other = read_objects(NdefWriter().add("abc", Bytes{}).bytes());
  ASSERT_TRUE(other);
  EXPECT_TRUE(other->empty());
}

TEST(ObjectKinds, NeedAnIssuer) {
  const NdefWriter nobody = NdefWriter().add("ly", NdefWriter().add("n", Bytes{0x01}).bytes());
  EXPECT_EQ(read_objects(NdefWriter().add("asv", nobody.bytes()).bytes()).error(),
            Error(Errc::missing_record));
  const NdefWriter half = NdefWriter().add("i", Bytes{0x04}).add("ly", nobody.bytes());
  EXPECT_EQ(read_objects(NdefWriter().add("asv", half.bytes()).bytes()).error(),
            Error(Errc::too_short));
}

TEST(ObjectFields, OfAGiftCardAreAllRead) {
  NdefWriter card;
  card.add("oid", from_hex("040303030303030303").value());
  for (const auto& [record, text] :
       {std::pair{"n", "6035"}, {"p", "4711"}, {"tr1", "B6035^X"}, {"tr2", "6035=49"}}) {
    card.add(record, with_format(0x01, bytes_of(text)));
  }
  const auto objects = read_objects(object("gc", card));
  ASSERT_TRUE(objects);
  ASSERT_EQ(objects->size(), 1U);
  const SmartTapObject& read = objects->at(0);
  EXPECT_EQ(read.kind, ObjectKind::gift_card);
  EXPECT_EQ(to_hex(read.object_id), "0303030303030303");
  EXPECT_EQ(to_hex(read.issuer_id), "00000007");
  EXPECT_EQ(read.service_number->text, "6035");
  EXPECT_EQ(read.pin->text, "4711");
  EXPECT_EQ(read.track1->text, "B6035^X");
  EXPECT_EQ(read.track2->text, "6035=49");
}

}  // namespace
}  // namespace passgate::apdu
