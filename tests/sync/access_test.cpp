// SPDX-License-Identifier: Apache-2.0
#include "sync/service/access.h"

#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

Access access() {
  std::vector<ClientTerms> clients;
  clients.push_back({.account_id = "pos",
                     .api_key = secret("pos-key"),
                     .roles = {Role::decrypt},
                     .templates = {"ptk_0x14"},
                     .max_rps = 7});
  clients.push_back({.account_id = "boss",
                     .api_key = secret("boss:key"),
                     .roles = {Role::operate, Role::metrics},
                     .templates = {}});
  return Access(std::move(clients), {"localhost", "127.0.0.1", "::1", "gate.example"});
}

HttpAsk asked(Headers headers, std::string host = "localhost", std::string method = "GET") {
  return {.method = std::move(method),
          .path = {},
          .query = {},
          .headers = std::move(headers),
          .body = "",
          .host = std::move(host)};
}

/// The account, "nobody", or why not.
std::string verdict(const HttpAsk& ask) {
  static const Access known = access();
  const auto client = known.identify(ask);
  if (client) return *client == nullptr ? "nobody" : (*client)->account_id;
  switch (client.error()) {
    case Access::Refusal::bad_key: return "bad key";
    case Access::Refusal::wrong_host: return "wrong host";
    case Access::Refusal::cross_origin: return "cross origin";
  }
  return "";
}

struct Row {
  const char* what;
  HttpAsk ask;
  const char* verdict;
};

class AccessTest : public testing::TestWithParam<Row> {};

TEST_P(AccessTest, SaysWhoAsksOrWhyNot) {
  EXPECT_EQ(verdict(GetParam().ask), GetParam().verdict);
}

std::string name_of(const testing::TestParamInfo<Row>& info) {
  return info.param.what;
}

Headers keys(const char* account, const char* key) {
  return {{"x-api-key", key}, {"x-account-id", account}};
}

INSTANTIATE_TEST_SUITE_P(
    Keys, AccessTest,
    testing::Values(Row{"Nobody", asked({}), "nobody"},
                    Row{"Client", asked(keys("pos", "pos-key")), "pos"},
                    Row{"Second", asked(keys("boss", "boss:key")), "boss"},
                    Row{"WrongKey", asked(keys("pos", "pos-kez")), "bad key"},
                    Row{"ShorterKey", asked(keys("pos", "pos-ke")), "bad key"},
                    Row{"LongerKey", asked(keys("pos", "pos-keyy")), "bad key"},
                    Row{"EmptyKey", asked(keys("pos", "")), "bad key"},
                    Row{"KeyOfAnother", asked(keys("pos", "boss:key")), "bad key"},
                    Row{"UnknownAccount", asked(keys("pot", "pos-key")), "bad key"},
                    Row{"NoAccount", asked({{"x-api-key", "pos-key"}}), "bad key"},
                    Row{"AccountAlone", asked({{"x-account-id", "pos"}}), "nobody"}),
    name_of);

// echo -n pos:pos-key | base64, and so on.
INSTANTIATE_TEST_SUITE_P(
    Basic, AccessTest,
    testing::Values(
        Row{"Client", asked({{"authorization", "Basic cG9zOnBvcy1rZXk="}}), "pos"},
        Row{"SchemeInAnyCase", asked({{"authorization", "bAsIc   cG9zOnBvcy1rZXk="}}), "pos"},
        Row{"ColonInTheKey", asked({{"authorization", "Basic Ym9zczpib3NzOmtleQ=="}}), "boss"},
        Row{"WrongKey", asked({{"authorization", "Basic cG9zOnBvcy1rZXo="}}), "bad key"},
        Row{"NoColon", asked({{"authorization", "Basic cG9z"}}), "bad key"},
        Row{"NoBase64", asked({{"authorization", "Basic pos:pos-key"}}), "bad key"},
        Row{"More", asked({{"authorization", "Basic cG9zOnBvcy1rZXk= x"}}), "bad key"},
        Row{"NoBlank", asked({{"authorization", "BasiccG9zOnBvcy1rZXk="}}), "bad key"},
        Row{"Nothing", asked({{"authorization", "Basic"}}), "bad key"},
        Row{"Bearer", asked({{"authorization", "Bearer cG9zOnBvcy1rZXk="}}), "bad key"},
        Row{"KeyHeaderCountsMore",
            asked({{"authorization", "Basic cG9zOnBvcy1rZXk="}, {"x-api-key", "x"}}), "bad key"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Hosts, AccessTest,
    testing::Values(
        Row{"Address", asked({}, "127.0.0.1"), "nobody"}, Row{"Ipv6", asked({}, "::1"), "nobody"},
        Row{"Ipv6InBrackets", asked({}, "[::1]"), "nobody"},
        Row{"Rebound", asked({}, "evil.example"), "wrong host"},
        Row{"None", asked({}, ""), "wrong host"},
        Row{"NameWithMore", asked({}, "gate.example.evil.example"), "wrong host"},
        Row{"BasicUnderAnotherName",
            asked({{"authorization", "Basic cG9zOnBvcy1rZXk="}}, "evil.example"), "wrong host"},
        Row{"KeyUnderTheVendorsName", asked(keys("pos", "pos-key"), "api.passninja.com"), "pos"}),
    name_of);

Headers fetch(const char* site, const char* mode, const char* place) {
  return {{"sec-fetch-site", site}, {"sec-fetch-mode", mode}, {"sec-fetch-dest", place}};
}

Headers from(const char* origin, const char* host) {
  return {{"origin", origin}, {"host", host}};
}

INSTANTIATE_TEST_SUITE_P(
    OtherSites, AccessTest,
    testing::Values(
        Row{"AddressBar", asked(fetch("none", "navigate", "document")), "nobody"},
        Row{"OwnPage", asked(fetch("same-origin", "cors", "empty")), "nobody"},
        Row{"LinkElsewhere", asked(fetch("cross-site", "navigate", "document")), "nobody"},
        Row{"FormElsewhere",
            asked(fetch("cross-site", "navigate", "document"), "localhost", "POST"),
            "cross origin"},
        Row{"FrameElsewhere", asked(fetch("cross-site", "navigate", "iframe")), "cross origin"},
        Row{"FetchElsewhere", asked(fetch("cross-site", "no-cors", "empty")), "cross origin"},
        Row{"ImageOfASibling", asked(fetch("same-site", "no-cors", "image")), "cross origin"},
        Row{"FetchWithoutMode", asked({{"sec-fetch-site", "cross-site"}}), "cross origin"},
        Row{"OwnOrigin", asked(from("http://localhost:8470", "localhost:8470")), "nobody"},
        Row{"OwnOriginInAnyCase", asked(from("https://Gate.example", "gate.example")), "nobody"},
        Row{"OwnOriginIpv6", asked(from("http://[::1]:8470", "[::1]:8470")), "nobody"},
        Row{"OtherPort", asked(from("http://localhost:8471", "localhost:8470")), "cross origin"},
        Row{"OtherOrigin", asked(from("https://evil.example", "localhost:8470")), "cross origin"},
        Row{"NullOrigin", asked(from("null", "localhost:8470")), "cross origin"},
        Row{"OriginWithoutHost", asked({{"origin", "http://localhost"}}), "cross origin"}),
    name_of);

TEST(AccessOfClients, RefusesAnotherOriginEvenWithARightKey) {
  auto headers = keys("pos", "pos-key");
  headers.emplace_back("origin", "https://evil.example");
  headers.emplace_back("host", "localhost:8470");
  EXPECT_EQ(verdict(asked(headers)), "cross origin");
}

TEST(AccessOfClients, TellsWhatAClientMay) {
  const Access known = access();
  const auto pos = known.identify(asked(keys("pos", "pos-key"))).value();
  ASSERT_NE(pos, nullptr);
  EXPECT_TRUE(pos->may(Role::decrypt));
  EXPECT_FALSE(pos->may(Role::operate));
  EXPECT_EQ(pos->templates, std::vector<std::string>{"ptk_0x14"});
  EXPECT_EQ(pos->max_rps, 7);
}

}  // namespace
}  // namespace passgate::sync::test
