// SPDX-License-Identifier: Apache-2.0
#include "runtime/frame.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace passgate::runtime {
namespace {

Bytes frame_of(std::string_view json, std::uint8_t version = kFrameVersion) {
  Bytes frame;
  append_be32(frame, static_cast<std::uint32_t>(1 + json.size()));
  frame.push_back(version);
  append(frame, bytes_of(json));
  return frame;
}

Result<std::optional<Message>> read_one(const Bytes& bytes) {
  FrameReader reader;
  reader.feed(bytes);
  return reader.next();
}

TEST(Frame, IsLengthVersionAndJson) {
  const auto frame = encode_frame({{"type", "status"}});
  EXPECT_EQ(to_hex(frame.value()), "0000001201" + to_hex(bytes_of(R"({"type":"status"})")));
}

TEST(Frame, ReadsBackWhatWasEncoded) {
  const Message message = {{"type", "taps"}, {"last", 7}, {"taps", Message::array({1, "ü"})}};
  EXPECT_EQ(read_one(encode_frame(message).value()).value(), message);
}

TEST(Frame, RepairsTextThatIsNotUtf8) {
  const auto read = read_one(encode_frame({{"type", "x"}, {"text", "a\xFFz"}}).value());
  EXPECT_EQ(read.value()->at("text"), "a\xEF\xBF\xBDz");
}

TEST(Frame, RefusesToEncodeMoreThanOneMebibyte) {
  const std::size_t around = std::string_view(R"({"type":""})").size() + 1;
  EXPECT_TRUE(encode_frame({{"type", std::string(kMaxFrame - around, 'x')}}));
  EXPECT_EQ(encode_frame({{"type", std::string(kMaxFrame - around + 1, 'x')}}).error().code(),
            Errc::too_large);
}

TEST(Frame, WaitsForTheRestOfAMessage) {
  const Bytes frame = encode_frame({{"type", "status"}}).value();
  FrameReader reader;
  for (std::size_t i = 0; i + 1 < frame.size(); ++i) {
    reader.feed(ByteView(frame).subspan(i, 1));
    ASSERT_EQ(reader.next().value(), std::nullopt) << "after byte " << i;
  }
  reader.feed(ByteView(frame).last(1));
  EXPECT_TRUE(reader.next().value().has_value());
  EXPECT_EQ(reader.next().value(), std::nullopt);
}

TEST(Frame, RefusesFourGibibytesFromTheLengthAlone) {
  EXPECT_EQ(read_one({0xFF, 0xFF, 0xFF, 0xFF}).error().code(), Errc::too_large);
  EXPECT_EQ(read_one({0x00, 0x10, 0x00, 0x01}).error().code(), Errc::too_large);
  EXPECT_EQ(read_one({0x00, 0x10, 0x00, 0x00}).value(), std::nullopt);
}

TEST(Frame, RefusesAnotherVersionBeforeTheMessageIsWhole) {
  EXPECT_EQ(read_one({0, 0, 1, 0, 2}).error(), Error(Errc::bad_version, 2));
}

TEST(Frame, RefusesWhatIsNoMessage) {
  for (const auto* json :
       {"", "{", "[]", "7", "null", "{}", R"({"type":1})", R"({"type":"a"}x)", R"({"typ":"a"})",
        "{\"type\":\"\xFF\"}", R"({"type":"a")", "\xEF\xBB\xBF"}) {
    EXPECT_EQ(read_one(frame_of(json)).error().code(), Errc::bad_value) << json;
  }
  EXPECT_EQ(read_one({0, 0, 0, 0}).error().code(), Errc::bad_value);
}

std::string nested(std::size_t depth) {
  return R"({"type":"x","a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

TEST(Frame, RefusesDeepNestingBeforeItIsParsed) {
  EXPECT_TRUE(read_one(frame_of(nested(31))));
  EXPECT_EQ(read_one(frame_of(nested(32))).error().code(), Errc::bad_value);
  EXPECT_EQ(read_one(frame_of(nested(500'000))).error().code(), Errc::bad_value);
}

TEST(Frame, DoesNotCountBracketsInText) {
  const std::string text = std::string(100, '[') + R"(\")" + std::string(100, '{');
  EXPECT_TRUE(read_one(frame_of(R"({"type":"x","a":")" + text + R"("})")));
}

TEST(Frame, StaysWrongOnceWrong) {
  FrameReader reader;
  reader.feed(frame_of("nonsense"));
  EXPECT_FALSE(reader.next());
  reader.feed(frame_of(R"({"type":"a"})"));
  EXPECT_FALSE(reader.next());
}

RC_GTEST_PROP(FrameProperty, HowTheBytesAreSplitDoesNotMatter,
              (const std::vector<std::string>& texts, const std::vector<std::uint8_t>& cuts)) {
  Bytes stream;
  std::vector<Message> sent;
  for (const auto& text : texts) {
    // Through bytes, so that the text is UTF-8 as JSON wants it.
    sent.push_back({{"type", "x"}, {"text", to_valid_utf8(bytes_of(text))}});
    append(stream, encode_frame(sent.back()).value());
  }
  FrameReader reader;
  std::vector<Message> received;
  ByteView rest = stream;
  for (std::size_t i = 0; !rest.empty(); ++i) {
    const std::size_t wanted = cuts.empty() ? rest.size() : 1U + cuts[i % cuts.size()];
    const std::size_t size = std::min(rest.size(), wanted);
    reader.feed(rest.first(size));
    rest = rest.subspan(size);
    while (auto message = reader.next().value()) received.push_back(*message);
  }
  RC_ASSERT(received == sent);
}

RC_GTEST_PROP(FrameProperty, GarbageIsRefusedOrIncompleteButNeverAMessage,
              (const std::vector<std::uint8_t>& garbage)) {
  FrameReader reader;
  reader.feed(garbage);
  const auto message = reader.next();
  RC_ASSERT((!message || !message->has_value()));  // The macro's own || evaluates both sides.
}

RC_GTEST_PROP(FrameProperty, GarbageBehindAGoodHeaderNeverCrashes, (std::string json)) {
  const auto message = read_one(frame_of(json));
  RC_ASSERT((!message || message->has_value()));
}

}  // namespace
}  // namespace passgate::runtime
