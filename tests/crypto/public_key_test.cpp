// SPDX-License-Identifier: Apache-2.0
#include "crypto/public_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/certificate.h"
#include "crypto/new_key.h"
#include "crypto/vas_key_ring.h"
#include "tests/crypto/key_files.h"

namespace passgate::crypto {
namespace {

/// What `openssl ec -pubout -conv_form compressed -outform DER` gives for it.
constexpr const char* kTestKeyInBase64 =
    "MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACErn94qh2WCpsCxAp3te1RaaTDKE3LpG0HJjAbbHJTFc=";

PublicKey test_key() {
  return PublicKey::of_private(secret(read_key_file("test-pkcs8.pem"))).value();
}

TEST(PublicKey, IsWrittenAsOpensslDoes) {
  EXPECT_EQ(to_base64(test_key().compressed_der()), kTestKeyInBase64);
  EXPECT_EQ(test_key().pem(), text_of(read_key_file("test-public.pem")));
}

TEST(PublicKey, HasTheIdThatAKeyRingGivesIt) {
  VasKeyRing ring{PassTypeId("pass.com.example")};
  const SecretBytes pem = new_private_key_pem();
  EXPECT_EQ(PublicKey::of_private(pem)->id(), ring.add(pem).value());
  EXPECT_EQ(to_hex(test_key().id().value()), "a52c4a0d");
}

TEST(PublicKey, IsReadWithThePointCompressedAndNot) {
  const auto short_form = from_base64(kTestKeyInBase64).value();
  EXPECT_EQ(PublicKey::read(short_form).value(), test_key());
  const std::string pem = test_key().pem();
  std::string body = pem.substr(pem.find('\n') + 1);
  body.resize(body.find("-----"));
  std::erase(body, '\n');
  EXPECT_EQ(PublicKey::read(from_base64(body).value()).value(), test_key());
}

TEST(PublicKey, RefusesWhatIsNone) {
  auto der = from_base64(kTestKeyInBase64).value();
  EXPECT_EQ(PublicKey::read({}).error().code(), Errc::bad_key);
  der.push_back(0);
  EXPECT_EQ(PublicKey::read(der).error().code(), Errc::bad_key) << "something behind it";
  der.pop_back();
  std::fill(der.end() - 32, der.end(), std::uint8_t{0xFF});
  EXPECT_EQ(PublicKey::read(der).error().code(), Errc::bad_key) << "not on the curve";
  EXPECT_EQ(PublicKey::of_private(secret(read_key_file("bad-p384.pem"))).error().code(),
            Errc::bad_key);
}

TEST(Certificate, TellsPassTypeKeyAndTimes) {
  const auto read = read_certificate(read_key_file("pass-type-cert.pem"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user_id, "pass.com.example.ticket");
  EXPECT_EQ(read->key, test_key());
  EXPECT_EQ(to_rfc3339(read->not_before), "2026-11-21T22:59:28Z");
  EXPECT_EQ(to_rfc3339(read->not_after), "2126-10-28T22:59:28Z");
}

TEST(Certificate, IsFoundBehindAPrivateKey) {
  Bytes both = read_key_file("test-pkcs8.pem");
  EXPECT_FALSE(holds_certificate(both));
  EXPECT_EQ(read_certificate(both).error().code(), Errc::bad_value);
  append(both, read_key_file("pass-type-cert.pem"));
  EXPECT_TRUE(holds_certificate(both));
  EXPECT_EQ(read_certificate(both)->user_id, "pass.com.example.ticket");
  EXPECT_EQ(PublicKey::of_private(secret(both)).value(), test_key());
}

TEST(Certificate, OfAnotherKindOfKeyHasNoKeyOfOurs) {
  const auto read = read_certificate(read_key_file("rsa-cert.pem"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user_id, "");
  EXPECT_FALSE(read->key);
}

}  // namespace
}  // namespace passgate::crypto
