// SPDX-License-Identifier: Apache-2.0
// [[provider]] and [[subscriber]]: what leaves the machine, and where to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/config.h"
#include "runtime/url_rule.h"
#include "tests/rig/temp_folder.h"

namespace passgate::runtime {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kProvider = R"([terminal]
id = "gate-a1"
[[provider]]
name = "main"
kind = "passninja"
base_url = "https://api.passninja.com/v1"
account_id = "aid"
api_key = "credential:key"
)";

const std::string kSubscriber = R"([terminal]
id = "gate-a1"
[[subscriber]]
name = "backend"
url = "https://backend.example/hooks"
secrets = ["credential:hook"]
)";

std::vector<std::string> problems_of(const std::string& text) {
  const test::TempFolder dir;
  const auto config = load_config(dir.write("p.toml", text));
  std::vector<std::string> all;
  if (config) return all;
  for (const auto& problem : config.error()) {
    const std::string one = problem.text();
    all.push_back(one.substr(one.find("p.toml")));
  }
  return all;
}

Config loaded(const std::string& text) {
  const test::TempFolder dir;
  auto config = load_config(dir.write("p.toml", text));
  EXPECT_TRUE(config) << text;
  return config.value_or(Config{});
}

std::string without(std::string text, const std::string& line_start) {
  const auto at = text.find(line_start);
  return text.erase(at, text.find('\n', at) + 1 - at);
}

TEST(ProviderConfig, HasTheDocumentedDefaults) {
  const auto provider = loaded(kProvider).providers.at(0);
  EXPECT_EQ(provider.refresh, 300s);
  EXPECT_EQ(provider.redeem.mode, "patch");
  EXPECT_EQ(provider.page_size, 100U);
  EXPECT_EQ(provider.max_rps, 5.0);
  EXPECT_EQ(provider.timeout, 10s);
}

TEST(ProviderConfig, ReadsItsTuningAndStatusWords) {
  const auto provider = loaded(kProvider + R"(page_size = 1000
max_rps = 2.5
timeout_ms = 500
refresh_s = 1
status_map = { "Gone away" = "voided" }
redeem = { mode = "patch", fields = { at = "{time} {tap_id}" } }
)")
                            .providers.at(0);
  EXPECT_EQ(provider.page_size, 1000U);
  EXPECT_EQ(provider.max_rps, 2.5);
  EXPECT_EQ(provider.timeout, 500ms);
  EXPECT_EQ(provider.refresh, 1s);
  EXPECT_EQ(provider.status_map.at("Gone away"), "voided");
  EXPECT_EQ(provider.redeem.fields.at("at"), "{time} {tap_id}");
}

TEST(ProviderConfig, NeedsEverythingItsKindNeeds) {
  for (const auto* key : {"name", "kind", "base_url", "account_id", "api_key"}) {
    EXPECT_THAT(problems_of(without(kProvider, key)),
                ElementsAre(HasSubstr("p.toml:3: " + std::string(key) + " is missing")));
  }
}

TEST(ProviderConfig, RefusesRedeemFieldsThatCannotWork) {
  EXPECT_THAT(problems_of(kProvider + "redeem = { fields = { at = \"{now}\" } }\n"),
              ElementsAre(HasSubstr("p.toml:9: redeem.fields.at holds the unknown \"{now}\"")));
  EXPECT_THAT(problems_of(kProvider + "redeem = { mode = \"none\", fields = { at = \"x\" } }\n"),
              ElementsAre(HasSubstr(
                  "p.toml:9: redeem.fields means nothing to kind = \"passninja\" with mode "
                  "= \"none\"")));
  EXPECT_THAT(problems_of(kProvider + "redeem = { fields = { at = 7 } }\n"),
              ElementsAre("p.toml:9: redeem.fields.at must be a string, this is an integer"));
}

TEST(ProviderConfig, RefusesAStateThatIsNone) {
  EXPECT_THAT(
      problems_of(kProvider + "status_map = { Active = \"ok\" }\n"),
      ElementsAre(HasSubstr("p.toml:9: status_map.Active may not be \"ok\" (one of: valid")));
}

TEST(SubscriberConfig, GetsBothEventsByDefault) {
  EXPECT_THAT(loaded(kSubscriber).subscribers.at(0).events,
              ElementsAre("passgate.pass.scanned", "passgate.pass.redeemed"));
  EXPECT_EQ(loaded(kSubscriber).subscribers.at(0).retry_base, 10s);
}

TEST(SubscriberConfig, MayAskForWhatOperatorsDoAndForConflicts) {
  for (const char* type : {"overridden", "undone", "conflict"}) {
    const std::string event = std::string("passgate.pass.") + type;
    EXPECT_THAT(loaded(kSubscriber + "events = [\"" + event + "\"]\n").subscribers.at(0).events,
                ElementsAre(event));
  }
}

TEST(SubscriberConfig, NeedsASecretToSignWith) {
  EXPECT_THAT(problems_of(without(kSubscriber, "secrets")),
              ElementsAre(HasSubstr("p.toml:3: a subscriber needs at least one secret")));
  EXPECT_THAT(problems_of(without(kSubscriber, "secrets") + "secrets = []\n"),
              ElementsAre(HasSubstr("p.toml:6: a subscriber needs at least one secret")));
}

TEST(SubscriberConfig, TellsAnEventThisVersionLacksFromATypingMistake) {
  EXPECT_THAT(problems_of(kSubscriber + "events = [\"passgate.terminal.status\"]\n"),
              ElementsAre(HasSubstr("p.toml:7: events: passgate.terminal.status is refused (this "
                                    "version of passgate does not have")));
  EXPECT_THAT(problems_of(kSubscriber + "events = [\"passgate.pass.scaned\"]\n"),
              ElementsAre(HasSubstr("p.toml:7: events: unknown event \"passgate.pass.scaned\"")));
  EXPECT_THAT(problems_of(kSubscriber + "events = []\n"),
              ElementsAre(HasSubstr("events is empty")));
}

TEST(SubscriberConfig, IsHeldToTheSameRuleForAddresses) {
  std::string plain = kSubscriber;
  plain.replace(plain.find("https"), 5, "http");
  EXPECT_THAT(problems_of(plain), ElementsAre("p.toml:5: url must be https: http is for this "
                                              "machine only"));
}

TEST(Address, MayBePlainHttpOnThisMachineOnly) {
  for (const auto* good :
       {"https://api.example/v1", "https://[2001:db8::1]:8443/", "http://127.0.0.1:8080/x",
        "http://127.9.8.7", "http://[::1]:80/", "http://localhost:9", "http://LOCALHOST/"}) {
    EXPECT_EQ(url_problem(good), std::nullopt) << good;
  }
  for (const auto* bad :
       {"http://api.example/", "http://127.0.0.1.example/", "http://localhost.example/",
        "http://0.0.0.0/", "http://128.0.0.1/", "http://127.1/", "http://[::ffff:127.0.0.1]/",
        "http://[::2]/", "http://10.0.0.1#127.0.0.1", "http://evil.example?@127.0.0.1"}) {
    EXPECT_TRUE(url_problem(bad)) << bad;
  }
}

TEST(Address, MayHoldNothingThatParsersReadDifferently) {
  for (const auto* bad :
       {"", "api.example", "ftp://a", "HTTPS://a", "https://", "https:///x", "https://u:p@host/",
        "https://127.0.0.1\\@evil/", "https://a b/", "https://a\n/", "https://a:0/", "https://a:/",
        "https://a:65536/", "https://a:8x/", "https://[::1/", "https://[::1]x/", "https://[zz]/",
        "https://a%41/", "https://\xC3\xA4/"}) {
    EXPECT_TRUE(url_problem(bad)) << bad;
  }
}

}  // namespace
}  // namespace passgate::runtime
