// SPDX-License-Identifier: Apache-2.0
#include "core/bytes.h"

#include <gtest/gtest.h>

namespace passgate {
namespace {

TEST(Hex, RoundTripsEveryByte) {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  EXPECT_EQ(from_hex(to_hex(all)).value(), all);
}

TEST(Hex, AcceptsUpperCaseAndEmpty) {
  EXPECT_EQ(from_hex("C0FfEe").value(), (Bytes{0xC0, 0xFF, 0xEE}));
  EXPECT_TRUE(from_hex("").value().empty());
}

TEST(Hex, RefusesOddLengthAndStrangers) {
  EXPECT_EQ(from_hex("abc").error(), Error(Errc::bad_hex, 3));
  EXPECT_EQ(from_hex("ab0g").error(), Error(Errc::bad_hex, 3));
  EXPECT_EQ(from_hex("a ").error(), Error(Errc::bad_hex, 1));
}

TEST(Base64, MatchesRfc4648Section10) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : cases) {
    EXPECT_EQ(to_base64(bytes_of(plain)), encoded);
    EXPECT_EQ(text_of(from_base64(encoded).value()), plain);
  }
}

TEST(Base64, RefusesWhatIsNotBase64) {
  for (const auto* wrong : {"Zg=", "Z===", "Zg==Zg==", "Zm9*", "Zm 9"}) {
    EXPECT_FALSE(from_base64(wrong)) << wrong;
  }
}

TEST(ValidUtf8, KeepsWellFormedTextAndReplacesTheRest) {
  EXPECT_EQ(to_valid_utf8(bytes_of("Zürich €")), "Zürich €");
  EXPECT_EQ(to_valid_utf8(Bytes{'a', 0xFF, 'b'}),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(to_valid_utf8(Bytes{0xC0, 0x80}), "\xEF\xBF\xBD\xEF\xBF\xBD");  // overlong NUL
  EXPECT_EQ(to_valid_utf8(Bytes{0xED, 0xA0, 0x80}).size(), 9U);             // surrogate
}

}  // namespace
}  // namespace passgate
