// SPDX-License-Identifier: Apache-2.0
#include "sync/standard_webhooks.h"

#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

// The vector that npm standardwebhooks 1.1.1 and its Python sibling agree on.
constexpr std::string_view kSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
constexpr std::chrono::sys_seconds kTime{std::chrono::seconds{1700000000}};

std::vector<SecretBytes> keys(std::initializer_list<std::string_view> secrets) {
  std::vector<SecretBytes> keys;
  for (const auto text : secrets) keys.push_back(std::move(*webhook_key(secret(text))));
  return keys;
}

TEST(StandardWebhooks, SignsThePublishedVector) {
  EXPECT_EQ(webhook_signature(keys({kSecret}), "msg_gate_1", kTime, R"({"a":1})"),
            "v1,lDwDj2CP23ZQ++ScANG4GxtL5usM3pxFDcTZjSpkgk4=");
}

TEST(StandardWebhooks, SignsWithEverySecretWhileOneIsRotated) {
  const auto both =
      webhook_signature(keys({"whsec_YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODk=", kSecret}),
                        "msg_gate_1", kTime, R"({"a":1})");
  const auto space = both.find(' ');
  ASSERT_NE(space, std::string::npos);
  EXPECT_TRUE(both.starts_with("v1,"));
  EXPECT_EQ(both.substr(space + 1), "v1,lDwDj2CP23ZQ++ScANG4GxtL5usM3pxFDcTZjSpkgk4=");
}

TEST(StandardWebhooks, RefusesASecretThatIsNone) {
  for (const char* text : {"", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64!",
                           "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm"
                           "MDEyMzQ1Njc4OWFiY2RlZjA="}) {
    EXPECT_EQ(webhook_key(secret(text)).error().code(), Errc::bad_key) << text;
  }
}

}  // namespace
}  // namespace passgate::sync::test
