// SPDX-License-Identifier: Apache-2.0
#include "crypto/vas_key_ring.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "crypto/vas_phone.h"
#include "tests/crypto/key_files.h"

namespace passgate::crypto {
namespace {

using namespace std::chrono_literals;

const PassTypeId kTicket{"pass.com.example.ticket"};
constexpr const char* kTestKeyId = "a52c4a0d";  // of every tests/fixtures/keys/test-* file
// Two keys found by search whose ids are both c07eff2f.
constexpr const char* kTwin1 = "0000000000000000000000000000000000000000000000000000706173749ee1";
constexpr const char* kTwin2 = "000000000000000000000000000000000000000000000000000070617374a88d";

WallTime noon() {
  return WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 20)) + 12h;
}

Bytes seal(const SecretBytes& key, std::string_view payload, const PassTypeId& id = kTicket) {
  return seal_vas(key, id, noon(), bytes_of(payload)).value();
}

Errc error_of(const Result<OpenedVas>& opened) {
  EXPECT_FALSE(opened);
  return opened ? Errc{} : opened.error().code();
}

class KeyFile : public testing::TestWithParam<const char*> {};

TEST_P(KeyFile, IsReadAndGivesTheSameKeyId) {
  VasKeyRing ring(kTicket);
  const auto id = ring.add(secret(read_key_file(GetParam())));
  ASSERT_TRUE(id) << name(id.error().code());
  EXPECT_EQ(to_hex(id->value()), kTestKeyId);
  const auto opened = ring.open(seal(secret(read_key_file("test-public.pem")), "hello"));
  ASSERT_TRUE(opened);
  EXPECT_EQ(text_of(opened->payload.expose()), "hello");
}
INSTANTIATE_TEST_SUITE_P(Formats, KeyFile,
                         testing::Values("test-sec1.pem", "test-sec1.der", "test-pkcs8.pem",
                                         "test-pkcs8.der", "test-compressed.pem",
                                         "test-with-parameters.pem"));

class BadKeyFile : public testing::TestWithParam<const char*> {};

TEST_P(BadKeyFile, IsRefused) {
  VasKeyRing ring(kTicket);
  EXPECT_EQ(ring.add(secret(read_key_file(GetParam()))), fail(Errc::bad_key));
  EXPECT_TRUE(ring.key_ids().empty());
  EXPECT_EQ(ERR_peek_error(), 0UL);
}
INSTANTIATE_TEST_SUITE_P(Formats, BadKeyFile,
                         testing::Values("test-public.pem", "bad-encrypted.pem", "bad-p384.pem",
                                         "bad-rsa.pem", "bad-mismatch.der"));

TEST(VasKeyRing, RefusesBytesThatAreNoKey) {
  VasKeyRing ring(kTicket);
  Bytes trailing = read_key_file("test-sec1.der");
  trailing.push_back(0);
  for (const Bytes& wrong : {Bytes{}, Bytes(32, 0x00), Bytes(32, 0xFF), Bytes(31, 0x11),
                             Bytes(100000, 0x30), trailing}) {
    EXPECT_EQ(ring.add(secret(wrong)), fail(Errc::bad_key)) << wrong.size();
  }
}

TEST(VasKeyRing, OpensWhatAPhoneSealed) {
  VasKeyRing ring(kTicket);
  const SecretBytes key = new_private_key_pem();
  const auto id = ring.add(key);
  ASSERT_TRUE(id);
  const auto opened = ring.open(seal(key, "MEMBER-0001"));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->key_id, *id);
  EXPECT_EQ(opened->stamped_at, noon());
  EXPECT_EQ(text_of(opened->payload.expose()), "MEMBER-0001");
}

TEST(VasKeyRing, NeverSealsTwiceAlike) {
  const SecretBytes key = new_private_key_pem();
  EXPECT_NE(seal(key, "x"), seal(key, "x"));
}

TEST(VasKeyRing, KnowsNoKeyWhenEmpty) {
  const VasKeyRing ring(kTicket);
  EXPECT_EQ(error_of(ring.open(Bytes(80))), Errc::unknown_key);
}

TEST(VasKeyRing, AnswersTooShortBeforeLookingForAKey) {
  const VasKeyRing ring(kTicket);
  EXPECT_EQ(error_of(ring.open(Bytes(51))), Errc::too_short);
  EXPECT_EQ(error_of(ring.open(Bytes(52))), Errc::unknown_key);
}

TEST(VasKeyRing, BoundsWhatItOpens) {
  VasKeyRing ring(kTicket);
  const SecretBytes key = new_private_key_pem();
  ASSERT_TRUE(ring.add(key));
  const std::string large(32 * 1024 - 56, 'x');
  const auto opened = ring.open(seal(key, large));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->payload.size(), large.size());
  EXPECT_EQ(error_of(ring.open(seal(key, large + "x"))), Errc::too_large);
}

TEST(VasKeyRing, KeepsAKeyOnceHoweverOftenItIsAdded) {
  VasKeyRing ring(kTicket);
  ASSERT_TRUE(ring.add(secret(read_key_file("test-sec1.pem"))));
  ASSERT_TRUE(ring.add(secret(read_key_file("test-pkcs8.der"))));
  EXPECT_EQ(ring.key_ids().size(), 1U);
}

TEST(VasKeyRing, TriesBothKeysThatShareAnId) {
  const SecretBytes first = scalar(kTwin1);
  const SecretBytes second = scalar(kTwin2);
  VasKeyRing ring(kTicket);
  ASSERT_EQ(ring.add(first), ring.add(second));
  ASSERT_EQ(ring.key_ids().size(), 2U);
  EXPECT_TRUE(ring.open(seal(first, "one")));
  EXPECT_TRUE(ring.open(seal(second, "two")));
  Bytes forged = seal(second, "two");
  forged.back() ^= 1;
  EXPECT_EQ(error_of(ring.open(forged)), Errc::auth_failed);
}

TEST(VasKeyRing, OpensWithAKeyAddedAfterTheFirstOpening) {
  const SecretBytes old_key = new_private_key_pem();
  const SecretBytes new_key = new_private_key_pem();
  VasKeyRing ring(kTicket);
  ASSERT_TRUE(ring.add(old_key));
  ASSERT_TRUE(ring.open(seal(old_key, "old")));
  ASSERT_TRUE(ring.add(new_key));
  EXPECT_TRUE(ring.open(seal(new_key, "new")));
  EXPECT_TRUE(ring.open(seal(old_key, "old")));
}

TEST(VasKeyRing, LeavesNoTraceOfAFailureBehind) {
  const SecretBytes key = new_private_key_pem();
  VasKeyRing ring(kTicket);
  ASSERT_TRUE(ring.add(key));
  Bytes off_curve = seal(key, "x");
  std::fill_n(off_curve.begin() + 4, 32, 0xFF);
  Bytes tampered = seal(key, "x");
  tampered[40] ^= 1;
  EXPECT_EQ(error_of(ring.open(off_curve)), Errc::bad_point);
  EXPECT_EQ(error_of(ring.open(tampered)), Errc::auth_failed);
  EXPECT_EQ(ERR_peek_error(), 0UL);
  EXPECT_TRUE(ring.open(seal(key, "x"))) << "the scratch must survive a wrong point";
}

TEST(VasKeyRing, RefusesAnXThatIsNotBelowThePrime) {
  const SecretBytes key = new_private_key_pem();
  VasKeyRing ring(kTicket);
  ASSERT_TRUE(ring.add(key));
  const auto with_x = [&](std::string_view hex) {
    Bytes cryptogram = seal(key, "x");
    std::ranges::copy(from_hex(hex).value(), cryptogram.begin() + 4);
    return error_of(ring.open(cryptogram));
  };
  // 5 is the X of a point; p + 5 would be the same point to careless arithmetic.
  EXPECT_EQ(with_x("0000000000000000000000000000000000000000000000000000000000000005"),
            Errc::auth_failed);
  EXPECT_EQ(with_x("ffffffff00000001000000000000000000000001000000000000000000000004"),
            Errc::bad_point);
  EXPECT_EQ(with_x("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
            Errc::bad_point);
}

TEST(VasKeyRing, OpensEveryOneOfManySealings) {
  const SecretBytes key = new_private_key_pem();
  VasKeyRing ring(kTicket);
  ASSERT_TRUE(ring.add(key));
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(ring.open(seal(key, std::to_string(i)))) << i;
}

TEST(VasKeyRing, WorksAfterBeingMoved) {
  const SecretBytes key = new_private_key_pem();
  VasKeyRing first(kTicket);
  ASSERT_TRUE(first.add(key));
  VasKeyRing second(std::move(first));
  EXPECT_EQ(second.id(), kTicket);
  EXPECT_TRUE(second.open(seal(key, "x")));
}

TEST(VasKeyRing, ServesManyThreadsAndRingsAtOnce) {
  const PassTypeId coffee("pass.com.example.coffee");
  const SecretBytes ticket_key = new_private_key_pem();
  const SecretBytes coffee_key = new_private_key_pem();
  VasKeyRing tickets(kTicket);
  VasKeyRing coffees(coffee);
  ASSERT_TRUE(tickets.add(ticket_key));
  ASSERT_TRUE(coffees.add(coffee_key));
  ASSERT_TRUE(coffees.add(ticket_key));
  const Bytes ticket = seal(ticket_key, "ticket");
  const Bytes cup = seal(coffee_key, "cup", coffee);

  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 6; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 40; ++i) {
          const auto a = tickets.open(ticket);
          const auto b = coffees.open(cup);
          const auto c = coffees.open(ticket);  // its key, but not its merchant
          if (a && text_of(a->payload.expose()) == "ticket") ++right;
          if (b && text_of(b->payload.expose()) == "cup") ++right;
          if (!c && c.error().code() == Errc::auth_failed) ++right;
        }
      });
    }
  }
  EXPECT_EQ(right, 6 * 40 * 3);
}

TEST(SealVas, NeedsOnlyThePublicKey) {
  VasKeyRing ring(kTicket);
  ASSERT_TRUE(ring.add(secret(read_key_file("test-sec1.pem"))));
  EXPECT_TRUE(ring.open(seal(secret(read_key_file("test-public.pem")), "x")));
}

TEST(SealVas, RefusesWhatIsNoKey) {
  EXPECT_EQ(seal_vas(secret({1, 2, 3}), kTicket, noon(), {}), fail(Errc::bad_key));
}

TEST(SealVas, SaysTheNearestTimeAPhoneCanSay) {
  const SecretBytes key = new_private_key_pem();
  VasKeyRing ring(kTicket);
  ASSERT_TRUE(ring.add(key));
  const auto stamped = [&](WallTime t) {
    return to_rfc3339(ring.open(seal_vas(key, kTicket, t, {}).value()).value().stamped_at);
  };
  EXPECT_EQ(stamped(WallTime{}), "2001-01-01T00:00:00Z");
  EXPECT_EQ(stamped(noon() + std::chrono::years(500)), "2137-02-07T06:28:15Z");
  EXPECT_EQ(stamped(noon() + 999ms), "2026-11-20T12:00:00Z");
}

}  // namespace
}  // namespace passgate::crypto
