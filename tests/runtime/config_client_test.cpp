// SPDX-License-Identifier: Apache-2.0
// Whom we decrypt for, and who decrypts for us: [[http.client]],
// [[decrypt_service]] and keys = ["remote:NAME"].
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/account_limit.h"
#include "runtime/config.h"
#include "tests/runtime/config_text.h"

namespace passgate::runtime {
namespace {

using test::loaded;
using test::problems_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kPass =
    "[terminal]\nid = \"a\"\n"
    "[[pass]]\nname = \"season\"\ntemplate = \"ptk_0x14\"\n"
    "apple = { pass_type_id = \"p\", keys = [\"file:k\"] }\n";
const std::string kHttp = kPass + "[http]\nlisten = [\"127.0.0.1:80\"]\n";
const std::string kClient = kHttp + "[[http.client]]\naccount_id = \"pos\"\napi_key = \"file:k\"\n";
const std::string kService =
    "[[decrypt_service]]\nname = \"cloud\"\nurl = \"https://api.passninja.com/v1\"\n"
    "account_id = \"aid_0xa01\"\napi_key = \"credential:pn\"\n";

TEST(HttpClientConfig, ReadsWhoMayDoWhat) {
  const auto http = loaded(kClient +
                           "roles = [\"decrypt\", \"metrics\"]\n"
                           "templates = [\"season\", \"ptk_0x14\"]\nmax_rps = 0.1\n"
                           "[[http.client]]\naccount_id = \"screen\"\napi_key = \"credential:s\"\n"
                           "roles = [\"display\", \"operator\"]\n")
                        .http;
  ASSERT_EQ(http->clients.size(), 2U);
  EXPECT_EQ(http->clients[0].account_id, "pos");
  EXPECT_EQ(http->clients[0].api_key->text().substr(0, 5), "file:");
  EXPECT_THAT(http->clients[0].roles, ElementsAre("decrypt", "metrics"));
  EXPECT_THAT(http->clients[0].templates, ElementsAre("season", "ptk_0x14"));
  EXPECT_EQ(http->clients[0].max_rps, 0.1);
  EXPECT_EQ(http->clients[1].api_key->credential, "s");
  EXPECT_THAT(http->clients[1].templates, IsEmpty());
}

TEST(HttpClientConfig, BoundsItsAccountToWhatAnActMayBear) {
  const auto client = [](std::size_t length) {
    return kHttp + fmt::format(
                       "[[http.client]]\naccount_id = \"{}\"\napi_key = \"file:k\"\n"
                       "roles = [\"operator\"]\n",
                       std::string(length, 'a'));
  };
  EXPECT_EQ(loaded(client(kLongestAccount)).http->clients.front().account_id.size(),
            kLongestAccount);
  EXPECT_THAT(problems_of(client(kLongestAccount + 1)),
              ElementsAre(HasSubstr("may hold 128 visible ASCII characters")));
}

TEST(HttpClientConfig, MayComeInAFileOfItsOwn) {
  const test::TempFolder dir;
  const auto file = dir.write("p.toml", kClient + "roles = [\"metrics\"]\n");
  dir.write("conf.d/b.toml",
            "[[http.client]]\naccount_id = \"b\"\napi_key = \"file:k\"\nroles = [\"display\"]\n");
  const auto config = load_config(file);
  ASSERT_TRUE(config) << config.error().front().text();
  ASSERT_EQ(config->http->clients.size(), 2U);
  EXPECT_EQ(config->http->clients[1].api_key->path, dir / "conf.d/k");
}

TEST(HttpConfig, ReadsHostsAsTheyAreCompared) {
  const auto hosts = loaded(kHttp + "hosts = [\"Gate-A1.Example\", \"[::1]\", \"10.0.0.1\"]\n");
  EXPECT_THAT(hosts.http->hosts, ElementsAre("gate-a1.example", "::1", "10.0.0.1"));
  EXPECT_THAT(loaded(kHttp).http->hosts, ElementsAre("localhost", "127.0.0.1", "::1"));
  EXPECT_EQ(loaded(kHttp).http->decrypt_errors, "flat");
  EXPECT_EQ(loaded(kHttp + "decrypt_errors = \"nested\"\n").http->decrypt_errors, "nested");
}

TEST(HttpClientConfig, IsShownSoThatItCanBeReadAgain) {
  const test::TempFolder dir;
  const auto file =
      dir.write("p.toml", kClient + "roles = [\"decrypt\"]\ntemplates = [\"season\"]\n" + kService);
  const auto shown = show_config(file, false);
  EXPECT_THAT(shown, HasSubstr("roles = [\"decrypt\"], templates = [\"season\"], max_rps = 100"));
  const auto again = dir.write("again.toml", shown);
  ASSERT_TRUE(load_config(again)) << shown;
  EXPECT_EQ(show_config(again, false), shown);
}

TEST(DecryptServiceConfig, IsReadWithItsDefaults) {
  const auto services = loaded(kPass + kService).decrypt_services;
  ASSERT_EQ(services.size(), 1U);
  EXPECT_EQ(services[0].url, "https://api.passninja.com/v1");
  EXPECT_EQ(services[0].account_id, "aid_0xa01");
  EXPECT_EQ(services[0].api_key->credential, "pn");
  EXPECT_EQ(services[0].timeout, std::chrono::milliseconds(1500));
  const auto config = loaded(kPass + kService + "timeout_ms = 50\n");
  EXPECT_EQ(config.decrypt_service("cloud")->timeout, std::chrono::milliseconds(50));
}

TEST(RemoteKeys, NameTheServiceThatHoldsThem) {
  const auto config =
      loaded(kPass + "[[pass]]\nname = \"far\"\n" +
             "apple = { pass_type_id = \"p\", keys = [\"remote:cloud\"] }\n" + kService);
  EXPECT_EQ(config.passes.at(1).apple->remote, "cloud");
  EXPECT_THAT(config.passes.at(1).apple->keys, IsEmpty());
  EXPECT_EQ(config.passes.at(0).apple->remote, "");
}

struct Refusal {
  const char* what;
  std::string text;
  const char* says;
};

class ClientConfigRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(ClientConfigRefuses, WithPlaceAndHint) {
  EXPECT_THAT(problems_of(GetParam().text + "\n"), ElementsAre(HasSubstr(GetParam().says)));
}

std::string name_of(const testing::TestParamInfo<Refusal>& info) {
  return info.param.what;
}

const std::string kDecrypts = "roles = [\"decrypt\"]\ntemplates = [\"season\"]\n";
const std::string kMetrics = "roles = [\"metrics\"]\n";

INSTANTIATE_TEST_SUITE_P(
    Clients, ClientConfigRefuses,
    testing::Values(
        Refusal{"NoAccount", kHttp + "[[http.client]]\napi_key = \"file:k\"\n" + kMetrics,
                "p.toml:9: client.account_id is missing"},
        Refusal{"NoKey", kHttp + "[[http.client]]\naccount_id = \"a\"\n" + kMetrics,
                "p.toml:9: client.api_key is missing (api_key = "},
        Refusal{"KeyInTheFile",
                kHttp + "[[http.client]]\naccount_id = \"a\"\napi_key = \"s3cret\"\n" + kMetrics,
                "p.toml:11: client.api_key is not a reference to a secret"},
        Refusal{"ColonInAccount",
                kHttp + "[[http.client]]\naccount_id = \"a:b\"\napi_key = \"file:k\"\n" + kMetrics,
                "p.toml:10: client.account_id may hold 128 visible"},
        Refusal{"BlankInAccount",
                kHttp + "[[http.client]]\naccount_id = \"a b\"\napi_key = \"file:k\"\n" + kMetrics,
                "p.toml:10: client.account_id may hold"},
        Refusal{"NoRole", kClient, "p.toml:9: client.roles names nothing the client may do"},
        Refusal{"OddRole", kClient + "roles = [\"display\", \"admin\"]",
                "p.toml:12: client.roles may not hold \"admin\" (any of: decrypt, display, "
                "operator, metrics)"},
        Refusal{"RoleTwice", kClient + "roles = [\"display\", \"display\"]",
                "p.toml:12: client.roles holds \"display\" twice"},
        Refusal{"DecryptsNothing", kClient + "roles = [\"decrypt\"]",
                "client.templates names none that the client may decrypt"},
        Refusal{"TemplatesInVain", kClient + kMetrics + "templates = [\"season\"]",
                "p.toml:13: client.templates is refused (it goes with the role decrypt)"},
        Refusal{"RateInVain", kClient + kMetrics + "max_rps = 5",
                "p.toml:13: client.max_rps is refused (it goes with the role decrypt)"},
        Refusal{"TooSlow", kClient + kDecrypts + "max_rps = 0.09",
                "p.toml:14: client.max_rps must lie between 0.1 and 100000"},
        Refusal{"UnknownTemplate",
                kClient + "roles = [\"decrypt\"]\ntemplates = [\"season\", \"ptk_0x15\"]",
                "p.toml:10: client.templates: no [[pass]] has the template or name \"ptk_0x15\""},
        Refusal{"UnknownKey", kClient + kMetrics + "role = \"display\"",
                "p.toml:13: unknown key client.role (did you mean roles?)"},
        Refusal{"AccountTwice",
                kClient + kMetrics +
                    "[[http.client]]\naccount_id = \"pos\"\napi_key = \"file:l\"\n" + kMetrics,
                "p.toml:14: client.account_id \"pos\" is already taken at p.toml:10"},
        Refusal{"NoTable", kHttp + "client = [1]", "client must hold tables only"}),
    name_of);

const std::string kBare = kPass + "[[decrypt_service]]\nname = \"cloud\"\n";

INSTANTIATE_TEST_SUITE_P(
    Services, ClientConfigRefuses,
    testing::Values(
        Refusal{"NoUrl", kBare + "account_id = \"a\"\napi_key = \"file:k\"", "url is missing"},
        Refusal{"PlainUrl",
                kBare + "url = \"http://far\"\naccount_id = \"a\"\napi_key = \"file:k\"",
                "p.toml:9: url "},
        Refusal{"NoServiceAccount", kBare + "url = \"https://far\"\napi_key = \"file:k\"",
                "account_id is missing"},
        Refusal{"NoServiceKey", kBare + "url = \"https://far\"\naccount_id = \"a\"",
                "api_key is missing"},
        Refusal{"RemoteKeyOfAService",
                kBare + "url = \"https://far\"\naccount_id = \"a\"\napi_key = \"remote:cloud\"",
                "p.toml:11: api_key is refused (remote: is for the keys of apple)"},
        Refusal{"TooPatient", kPass + kService + "timeout_ms = 10001",
                "timeout_ms must lie between 50 and 10000"},
        Refusal{"ServiceTwice", kPass + kService + kService,
                "p.toml:12: [[decrypt_service]] name \"cloud\" is already taken at p.toml:7"}),
    name_of);

std::string with_keys(const std::string& keys) {
  return kPass + "[[pass]]\nname = \"far\"\napple = { pass_type_id = \"p\", keys = " + keys +
         " }\n" + kService;
}

INSTANTIATE_TEST_SUITE_P(
    Keys, ClientConfigRefuses,
    testing::Values(
        Refusal{"NobodyOfThatName", with_keys("[\"remote:clod\"]"),
                "p.toml:7: apple.keys: there is no [[decrypt_service]] named \"clod\""},
        Refusal{"BothHereAndThere", with_keys("[\"file:k\", \"remote:cloud\"]"),
                "p.toml:9: apple.keys is refused (\"remote:NAME\" of a [[decrypt_service]] stands "
                "alone)"}),
    name_of);

TEST(RemoteKeys, HaveAName) {
  EXPECT_THAT(problems_of(with_keys("[\"remote:\"]")),
              testing::Contains(HasSubstr("apple.keys is refused (\"remote:NAME\"")));
}

}  // namespace
}  // namespace passgate::runtime
