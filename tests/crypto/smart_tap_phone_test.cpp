// SPDX-License-Identifier: Apache-2.0
#include "crypto/smart_tap_phone.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>
#include <string>

#include "crypto/vas_phone.h"
#include "tests/crypto/key_files.h"
#include "tests/crypto/smart_tap_session.h"

namespace passgate::crypto {
namespace {

const PublishedSmartTap& live() {
  static const auto session = published_smart_tap("encrypted_plain");
  return session;
}

CollectorPublicKey collector_of(const SecretBytes& key) {
  return CollectorPublicKey::read(key).value();
}

class PublishedSession : public testing::TestWithParam<PublishedSmartTap> {
 protected:
  const PublishedSmartTap& p_ = GetParam();
  Bytes signature_ = p_.signature();
  CollectorPublicKey collector_ = collector_of(p_.collector_key());
};

TEST_P(PublishedSession, ItsSignatureIsTheCollectors) {
  EXPECT_TRUE(collector_.verify(p_.transcript(), !p_.live(), signature_));
  EXPECT_FALSE(collector_.verify(p_.transcript(), p_.live(), signature_));
}

TEST_P(PublishedSession, ItsKeysAreDerivedAsOtherImplementationsDo) {
  const auto handset = HandsetKey::recorded(scalar(p_.text("handset_ephemeral_private_key_hex")));
  ASSERT_TRUE(handset);
  EXPECT_EQ(to_hex(handset->public_key()), p_.text("handset_ephemeral_public_key_hex"));
  const auto keys = handset->agree(p_.transcript(), signature_);
  ASSERT_TRUE(keys);
  EXPECT_EQ(to_hex(keys->okm().expose()), p_.text("hkdf_okm48_hex"));
}

INSTANTIATE_TEST_SUITE_P(Vectors, PublishedSession,
                         testing::Values(live(), published_smart_tap("pre_signed_auth")),
                         [](const auto& tested) { return tested.param.text("id"); });

TEST(CollectorPublicKey, RefusesASignatureOverAnythingElse) {
  const auto collector = collector_of(live().collector_key());
  const Bytes signature = live().signature();
  const auto refused = [&](auto alter) {
    auto transcript = live().transcript();
    alter(transcript);
    const auto verdict = collector.verify(transcript, false, signature);
    return !verdict && verdict.error() == Error(Errc::auth_failed);
  };
  EXPECT_TRUE(refused([](auto& t) { t.terminal_nonce[0] ^= 1; }));
  EXPECT_TRUE(refused([](auto& t) { t.handset_nonce[31] ^= 1; }));
  EXPECT_TRUE(refused([](auto& t) { t.collector = CollectorId(20260102); }));
  EXPECT_TRUE(refused([](auto& t) { t.terminal_key[0] ^= 1; }));
}

TEST(CollectorPublicKey, RefusesWhatIsNoSignatureAndLeavesNoErrorBehind) {
  const auto collector = collector_of(live().collector_key());
  Bytes longer = live().signature();
  longer.push_back(0);
  for (const Bytes& nonsense : {Bytes{}, Bytes{0x30}, Bytes(72, 0x30), longer}) {
    EXPECT_FALSE(collector.verify(live().transcript(), false, nonsense)) << to_hex(nonsense);
  }
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(CollectorPublicKey, IsReadFromAPrivateAndFromAPublicKeyAlike) {
  CollectorKeys terminal{CollectorId(20260101)};
  ASSERT_TRUE(terminal.add(1, secret(read_key_file("test-pkcs8.pem"))));
  const Bytes signature = terminal.sign(1, live().transcript().bytes());
  for (const char* file : {"test-pkcs8.pem", "test-sec1.der", "test-public.pem"}) {
    const auto collector = CollectorPublicKey::read(secret(read_key_file(file)));
    ASSERT_TRUE(collector) << file;
    EXPECT_TRUE(collector->verify(live().transcript(), false, signature)) << file;
  }
  for (const char* file : {"bad-p384.pem", "bad-rsa.pem", "bad-encrypted.pem"}) {
    const auto collector = CollectorPublicKey::read(secret(read_key_file(file)));
    ASSERT_FALSE(collector) << file;
    EXPECT_EQ(collector.error().code(), Errc::bad_key) << file;
  }
}

TEST(HandsetKey, AgreesWithTheTerminalAndWhatItSealsOpensThere) {
  const auto handset = HandsetKey::make();
  auto terminal = SmartTapEphemeral::make();
  auto transcript = live().transcript();
  transcript.terminal_key = terminal.public_key();
  const Bytes signature(70, 0x30);
  const auto here = handset.agree(transcript, signature);
  const auto there = std::move(terminal).agree(handset.public_key(), transcript, signature);
  ASSERT_TRUE(here && there);
  for (const std::string content : {"", "2018", "a content longer than one block of the cipher"}) {
    const Bytes sealed = seal_bundle(*here, bytes_of(content));
    const auto opened = there->open(sealed);
    ASSERT_TRUE(opened) << content;
    EXPECT_EQ(text_of(opened->expose()), content);
    EXPECT_NE(seal_bundle(*here, bytes_of(content)), sealed) << "the iv came twice";
  }
}

TEST(HandsetKey, IsNewEveryTimeAndTakesNoPointOffTheCurve) {
  const auto handset = HandsetKey::make();
  EXPECT_NE(handset.public_key(), HandsetKey::make().public_key());
  auto transcript = live().transcript();
  transcript.terminal_key.fill(0xFF);
  const auto keys = handset.agree(transcript, {});
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().code(), Errc::bad_point);
}

}  // namespace
}  // namespace passgate::crypto
