// SPDX-License-Identifier: Apache-2.0
// Keys and bundles of every session of tests/fixtures/vectors/smart-tap.json,
// each under its own name. The conversations: tests/apdu.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <string>
#include <vector>

#include "crypto/smart_tap.h"
#include "crypto/smart_tap_bundle.h"
#include "tests/crypto/key_files.h"
#include "tests/crypto/smart_tap_session.h"

namespace passgate::crypto {
namespace {

struct Session : PublishedSmartTap {
  std::uint32_t version() const { return vector.at("long_term_key_version").get<std::uint32_t>(); }
  SmartTapEphemeral ephemeral() const {
    return SmartTapEphemeral::recorded(scalar(text("terminal_ephemeral_private_key_hex")),
                                       array<SmartTapNonce>("terminal_nonce_hex"),
                                       array<SmartTapSessionId>("session_id_hex"))
        .value();
  }
  BundleKeys keys() const {
    return ephemeral()
        .agree(array<CompressedPoint>("handset_ephemeral_public_key_hex"), transcript(),
               bytes("signature_der_hex"))
        .value();
  }
};

std::vector<Session> sessions() {
  return test::smart_tap_vectors<Session>();
}

std::vector<Session> encrypted_sessions() {
  std::vector<Session> all = sessions();
  std::erase_if(all, [](const Session& session) {
    const Bytes bundle = session.bytes("record_bundle_payload_hex");
    return bundle.empty() || (bundle[0] & 1) == 0;
  });
  return all;
}

/// 02 or 03, then X, of 04, X, Y.
CompressedPoint compress(const Bytes& point) {
  CompressedPoint out;
  std::copy_n(point.begin(), out.size(), out.begin());
  out[0] = (point.back() & 1) != 0 ? 0x03 : 0x02;
  return out;
}

bool verifies(const Session& session, ByteView message, ByteView signature) {
  const auto key =
      public_key_of(compress(session.bytes("long_term_public_key_uncompressed_hex"))).value();
  const MdCtxPtr context(EVP_MD_CTX_new());
  EXPECT_EQ(EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key.get(),
                                    nullptr),
            1);
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

class SmartTapVector : public testing::TestWithParam<Session> {
 protected:
  const Session& session = GetParam();
};

TEST_P(SmartTapVector, HasTheTranscriptAndTheTerminalsKey) {
  const auto ephemeral = session.ephemeral();
  EXPECT_EQ(to_hex(ephemeral.public_key()), session.text("terminal_ephemeral_public_key_hex"));
  EXPECT_EQ(to_hex(ephemeral.session()), session.text("session_id_hex"));
  EXPECT_EQ(to_hex(ephemeral.nonce()), session.text("terminal_nonce_hex"));

  auto transcript = session.transcript();
  EXPECT_EQ(to_hex(transcript.bytes()) + session.text("signature_der_hex"),
            session.text("hkdf_info_hex"));
  if (!session.live()) transcript.handset_nonce = {};
  EXPECT_EQ(to_hex(transcript.bytes()), session.text("signed_data_hex"));
}

TEST_P(SmartTapVector, DerivesTheKeys) {
  const BundleKeys keys = session.keys();
  const auto okm = keys.okm().expose();
  EXPECT_EQ(to_hex(okm), session.text("hkdf_okm48_hex"));
  EXPECT_EQ(to_hex(okm.first(16)), session.text("aes128_key_hex"));
  EXPECT_EQ(to_hex(okm.subspan(16)), session.text("hmac_key_hex"));
}

TEST_P(SmartTapVector, SignsTheMessage) {
  CollectorKeys keys(session.transcript().collector);
  ASSERT_TRUE(keys.add(session.version(), scalar(session.text("long_term_private_key_hex"))));
  EXPECT_EQ(keys.versions(), std::vector{session.version()});
  Bytes message = session.bytes("signed_data_hex");
  const Bytes ours = keys.sign(session.version(), message);
  EXPECT_TRUE(verifies(session, message, ours));
  EXPECT_TRUE(verifies(session, message, session.bytes("signature_der_hex")));
  message.back() ^= 1;
  EXPECT_FALSE(verifies(session, message, ours));
}

INSTANTIATE_TEST_SUITE_P(Published, SmartTapVector, testing::ValuesIn(sessions()),
                         [](const auto& tested) { return tested.param.text("id"); });

class EncryptedSmartTapVector : public SmartTapVector {};

TEST_P(EncryptedSmartTapVector, OpensOrFailsAsOtherImplementationsDo) {
  const Bytes bundle = session.bytes("record_bundle_payload_hex");
  const std::string fault = session.vector.value("expected_error", "");
  const auto opened = session.keys().open(ByteView(bundle).subspan(1));
  if (fault == "hmac" || fault == "too_short") {
    const Errc expected = fault == "hmac" ? Errc::auth_failed : Errc::too_short;
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error(), Error(expected));
    return;
  }
  ASSERT_TRUE(opened) << name(opened.error().code());
  const bool compressed = (bundle[0] & 2) != 0;
  if (fault.empty() && !compressed) {
    EXPECT_EQ(to_hex(opened->expose()), session.text("decrypted_and_inflated_ndef_hex"));
  }
}

INSTANTIATE_TEST_SUITE_P(Published, EncryptedSmartTapVector,
                         testing::ValuesIn(encrypted_sessions()),
                         [](const auto& tested) { return tested.param.text("id"); });

TEST(SmartTapVectors, AreAllThere) {
  EXPECT_EQ(sessions().size(), 39U);
  EXPECT_EQ(encrypted_sessions().size(), 36U);
}

}  // namespace
}  // namespace passgate::crypto
