// SPDX-License-Identifier: Apache-2.0
#include "crypto/smart_tap_phone.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>
#include <ostream>
#include <string>

#include "crypto/vas_phone.h"
#include "tests/crypto/key_files.h"

namespace passgate::crypto {
namespace {

template <class Array>
Array array_of(std::string_view hex) {
  const Bytes bytes = from_hex(hex).value();
  Array array{};
  EXPECT_EQ(bytes.size(), array.size());
  std::ranges::copy(bytes, array.begin());
  return array;
}

/// A session that other implementations agreed upon.
struct Published {
  const char* id;
  const char* collector_key;
  const char* terminal_nonce;
  const char* handset_nonce;
  const char* terminal_key;
  const char* handset_scalar;
  const char* handset_key;
  const char* signature;
  const char* okm;
  bool pre_signed;

  SmartTapTranscript transcript() const {
    return {.terminal_nonce = array_of<SmartTapNonce>(terminal_nonce),
            .handset_nonce = array_of<SmartTapNonce>(handset_nonce),
            .collector = CollectorId(20260101),
            .terminal_key = array_of<CompressedPoint>(terminal_key)};
  }
  friend void PrintTo(const Published& p, std::ostream* out) { *out << p.id; }
};

constexpr Published kLive = {
    .id = "live",
    .collector_key = "70ff2768192fbf8a069652d45fd5104eff56df9e6d08084930b6281ccf162440",
    .terminal_nonce = "346368a11c4c7d6a3e8a49b3ab330e4bcc7210226880f1387dc25768d54441b5",
    .handset_nonce = "fa9666194cb34e5fb80185f6139e56a8505ebbe15dbe0df810c1051410e040de",
    .terminal_key = "02341133618a69a64e4bf26bbea2c71e436ad02b2333c12a17a7fccb1755b85006",
    .handset_scalar = "8c273c16083e49436aca49c705793c27692b3a0c5f915642525a4d8ef1338a69",
    .handset_key = "033229ab4a1a748cf20f1427d1906b5fb487aa98df760b06a82f2f02e63a0b3f4e",
    .signature =
        "3046022100813c91e2201624f7f9d014e8c5d4c7458babc47ee549d48f58eb251560390c55022100"
        "dca0c048d1ee8856aa41829f4a79d19455be2f5fcab7f21126cc585457356e1a",
    .okm =
        "a75bc19eb97f0be5949b5664861df2229019a184bfd86a454bfe3174eda035bc"
        "afe34a6ca3a1f84a24f4b45d4a68cba7",
    .pre_signed = false,
};
constexpr Published kPreSigned = {
    .id = "pre_signed",
    .collector_key = "66011ec771423e72a41616a67e25645f56a79a30d8f818453fc8336c1f9a9804",
    .terminal_nonce = "d37b4ce835ea7555ae40516bf289737b901985220b7898cb34998da0737697a4",
    .handset_nonce = "71d96795a600966b2a0f6c2960f58811f7ffb9794901f457a5804373605eaa02",
    .terminal_key = "02eef42a3bf1d95a5ccfc8c657229d37c00fa97060722488a9863f3d77ead7d9be",
    .handset_scalar = "248e5ce5ec9a77cbe15fc7a81760c4d9a23222679c0d95ba815768e1007b98bd",
    .handset_key = "0339e10e74446619721290e8c877f63be85a008e0f2a8d2c466fb3e40e53abc804",
    .signature =
        "30450220475b527d5b21c188c90ff37356a1982292fa67ff9f8d65187a9b98314df4f4bd022100"
        "97913135da0b0fe24592df2b6a2128adc2f3d7326d32f8865c80b6866e831af5",
    .okm =
        "10f3884d8c9863d13e8352bfbc11669288161fef1765881a7de7e3e8cfa213d6"
        "a0fa680fcae04643d4b2ac8dea8e1d14",
    .pre_signed = true,
};

CollectorPublicKey collector_of(const SecretBytes& key) {
  return CollectorPublicKey::read(key).value();
}

class PublishedSession : public testing::TestWithParam<Published> {
 protected:
  const Published& p_ = GetParam();
  Bytes signature_ = from_hex(p_.signature).value();
  CollectorPublicKey collector_ = collector_of(scalar(p_.collector_key));
};

TEST_P(PublishedSession, ItsSignatureIsTheCollectors) {
  EXPECT_TRUE(collector_.verify(p_.transcript(), p_.pre_signed, signature_));
  EXPECT_FALSE(collector_.verify(p_.transcript(), !p_.pre_signed, signature_));
}

TEST_P(PublishedSession, ItsKeysAreDerivedAsOtherImplementationsDo) {
  const auto handset = HandsetKey::recorded(scalar(p_.handset_scalar));
  ASSERT_TRUE(handset);
  EXPECT_EQ(to_hex(handset->public_key()), p_.handset_key);
  const auto keys = handset->agree(p_.transcript(), signature_);
  ASSERT_TRUE(keys);
  EXPECT_EQ(to_hex(keys->okm().expose()), p_.okm);
}

INSTANTIATE_TEST_SUITE_P(Vectors, PublishedSession, testing::Values(kLive, kPreSigned),
                         [](const auto& tested) { return std::string(tested.param.id); });

TEST(CollectorPublicKey, RefusesASignatureOverAnythingElse) {
  const auto collector = collector_of(scalar(kLive.collector_key));
  const Bytes signature = from_hex(kLive.signature).value();
  const auto refused = [&](auto alter) {
    auto transcript = kLive.transcript();
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
  const auto collector = collector_of(scalar(kLive.collector_key));
  Bytes longer = from_hex(kLive.signature).value();
  longer.push_back(0);
  for (const Bytes& nonsense : {Bytes{}, Bytes{0x30}, Bytes(72, 0x30), longer}) {
    EXPECT_FALSE(collector.verify(kLive.transcript(), false, nonsense)) << to_hex(nonsense);
  }
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(CollectorPublicKey, IsReadFromAPrivateAndFromAPublicKeyAlike) {
  CollectorKeys terminal{CollectorId(20260101)};
  ASSERT_TRUE(terminal.add(1, secret(read_key_file("test-pkcs8.pem"))));
  const Bytes signature = terminal.sign(1, kLive.transcript().bytes());
  for (const char* file : {"test-pkcs8.pem", "test-sec1.der", "test-public.pem"}) {
    const auto collector = CollectorPublicKey::read(secret(read_key_file(file)));
    ASSERT_TRUE(collector) << file;
    EXPECT_TRUE(collector->verify(kLive.transcript(), false, signature)) << file;
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
  auto transcript = kLive.transcript();
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
  auto transcript = kLive.transcript();
  transcript.terminal_key.fill(0xFF);
  const auto keys = handset.agree(transcript, {});
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().code(), Errc::bad_point);
}

}  // namespace
}  // namespace passgate::crypto
