// SPDX-License-Identifier: Apache-2.0
// Every case of tests/fixtures/vectors/apple-vas.json, each under its own name.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "crypto/vas_key_ring.h"
#include "tests/crypto/key_files.h"

namespace passgate::crypto {
namespace {

using nlohmann::json;

const json& vectors() {
  static const json all = json::parse(std::ifstream(PASSGATE_FIXTURES "/vectors/apple-vas.json"));
  return all;
}

struct Case {
  json vector;
  std::string text(const char* key) const { return vector.at(key).get<std::string>(); }
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.text("id"); }
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto& vector : vectors().at("cases")) all.push_back({vector});
  return all;
}

class AppleVasVector : public testing::TestWithParam<Case> {
 protected:
  VasKeyRing ring{PassTypeId(GetParam().text("pass_type_identifier"))};
};

TEST_P(AppleVasVector, OpensOrFailsAsOtherImplementationsDo) {
  const Case& c = GetParam();
  for (const auto& other : c.vector.value("other_private_keys_hex", json::array())) {
    ASSERT_TRUE(ring.add(scalar(other.get<std::string>())));
  }
  const auto key_id = ring.add(scalar(c.text("private_key_hex")));
  ASSERT_TRUE(key_id);
  EXPECT_EQ(to_hex(key_id->value()), c.text("key_id_hex"));
  EXPECT_EQ(to_hex(ring.merchant().value()), c.text("merchant_id_hex"));

  const auto opened = ring.open(from_hex(c.text("vas_data_hex")).value());
  if (c.text("expect") == "ok") {
    ASSERT_TRUE(opened) << name(opened.error().code());
    EXPECT_EQ(opened->key_id, *key_id);
    EXPECT_EQ(to_hex(opened->payload.expose()), c.text("expected_payload_hex"));
    EXPECT_EQ(to_rfc3339(opened->stamped_at), c.text("expected_utc"));
  } else {
    ASSERT_FALSE(opened);
    EXPECT_EQ(name(opened.error().code()), c.text("expected_error"));
  }
}

INSTANTIATE_TEST_SUITE_P(Published, AppleVasVector, testing::ValuesIn(cases()),
                         [](const auto& tested) { return tested.param.text("id"); });

TEST(AppleVasVectors, HoldAllCasesThatWereCrossChecked) {
  EXPECT_EQ(vectors().at("cases").size(), 48U);
}

TEST(MerchantHash, MatchesPublishedPairs) {
  for (const auto& pair : vectors().at("merchant_id_examples")) {
    const PassTypeId id(pair.at("pass_type_identifier").get<std::string>());
    EXPECT_EQ(to_hex(merchant_hash(id).value()), pair.at("merchant_id_hex").get<std::string>())
        << id.value();
  }
}

}  // namespace
}  // namespace passgate::crypto
