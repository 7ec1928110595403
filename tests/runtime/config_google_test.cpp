// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/config.h"
#include "tests/rig/temp_folder.h"

namespace passgate::runtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kTerminal = "[terminal]\nid = \"a\"\n";
constexpr std::string_view kPass = "[[pass]]\nname = \"ticket\"\npattern = '^(?P<pass_id>.+)$'\n";

/// A terminal with one pass, whose `google = …` stands on line 6.
std::string with_google(std::string_view google) {
  return fmt::format("{}{}google = {}\n", kTerminal, kPass, google);
}

std::expected<Config, std::vector<ConfigProblem>> load(std::string_view text) {
  const test::TempFolder dir;
  return load_config(dir.write("p.toml", text));
}

std::vector<std::string> problems_of(std::string_view text) {
  std::vector<std::string> all;
  const auto config = load(text);
  if (config) return all;
  for (const auto& problem : config.error()) {
    const std::string folder = problem.where.file.parent_path().string() + "/";
    std::string said = problem.text();
    for (auto at = said.find(folder); at != std::string::npos; at = said.find(folder)) {
      said.erase(at, folder.size());
    }
    all.push_back(std::move(said));
  }
  return all;
}

TEST(ConfigGoogle, ReadsACollectorWrittenInline) {
  const test::TempFolder dir;
  const auto config = load_config(
      dir.write("p.toml", with_google("{ collector_id = 20180608, keys = ["
                                      "{ version = 1, key = \"file:keys/old.pem\" },"
                                      "{ version = 2, key = \"credential:collector\" }],"
                                      "services = [\"event_ticket\", \"customer\"] }")));
  ASSERT_TRUE(config) << config.error().front().text();
  const PassConfig& pass = config->passes.at(0);
  EXPECT_FALSE(pass.apple);
  ASSERT_TRUE(pass.google);
  EXPECT_EQ(pass.google->collector_id, 20180608U);
  ASSERT_EQ(pass.google->keys.size(), 2U);
  EXPECT_EQ(pass.google->keys[0].version, 1U);
  EXPECT_EQ(pass.google->keys[0].key.path, dir / "keys/old.pem");
  EXPECT_EQ(pass.google->keys[1].version, 2U);
  EXPECT_EQ(pass.google->keys[1].key.text(), "credential:collector");
  EXPECT_THAT(pass.google->services, ElementsAre("event_ticket", "customer"));
}

TEST(ConfigGoogle, ReadsTheSameWrittenAsTables) {
  const auto config =
      load(fmt::format("{}{}[pass.google]\ncollector_id = 4294967295\n"
                       "[[pass.google.keys]]\nversion = 0\nkey = \"credential:a\"\n"
                       "[[pass.google.keys]]\nversion = 4294967295\nkey = \"credential:b\"\n",
                       kTerminal, kPass));
  ASSERT_TRUE(config) << config.error().front().text();
  const GoogleConfig& google = *config->passes.at(0).google;
  EXPECT_EQ(google.collector_id, 4294967295U);
  ASSERT_EQ(google.keys.size(), 2U);
  EXPECT_EQ(google.keys[0].version, 0U);
  EXPECT_EQ(google.keys[1].version, 4294967295U);
  EXPECT_EQ(google.keys[1].key.origin.line, 13);
  EXPECT_THAT(google.services, ElementsAre("all"));
}

TEST(ConfigGoogle, StandsBesideApple) {
  const auto config =
      load(with_google("{ collector_id = 1, keys = [{ version = 1, key = \"file:g\" }] }") +
           "apple = { pass_type_id = \"p\", keys = [\"file:a\"] }\n");
  ASSERT_TRUE(config) << config.error().front().text();
  EXPECT_TRUE(config->passes.at(0).apple);
  EXPECT_TRUE(config->passes.at(0).google);
}

TEST(ConfigGoogle, KnowsEveryServiceByName) {
  for (const auto* service : {"all", "loyalty", "offer", "gift_card", "closed_loop", "event_ticket",
                              "flight", "transit", "generic", "generic_private", "customer"}) {
    EXPECT_THAT(problems_of(with_google(
                    fmt::format("{{ collector_id = 1, keys = [{{ version = 1, key = \"file:k\" }}],"
                                " services = [\"{}\"] }}",
                                service))),
                IsEmpty())
        << service;
  }
}

struct Refusal {
  const char* what;
  const char* google;
  const char* says;
};

class ConfigGoogleRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(ConfigGoogleRefuses, WithPlaceAndHint) {
  EXPECT_THAT(problems_of(with_google(GetParam().google)), ElementsAre(HasSubstr(GetParam().says)));
}

std::string name_of(const testing::TestParamInfo<Refusal>& info) {
  return info.param.what;
}

INSTANTIATE_TEST_SUITE_P(
    Collectors, ConfigGoogleRefuses,
    testing::Values(
        Refusal{"NoTable", "20180608", "p.toml:6: google must be a table, this is an integer"},
        Refusal{"NoCollector", "{ keys = [{ version = 1, key = \"file:k\" }] }",
                "p.toml:6: google.collector_id is missing"},
        Refusal{"CollectorZero", "{ collector_id = 0, keys = [{ version = 1, key = \"file:k\" }] }",
                "p.toml:6: google.collector_id must lie between 1 and 4294967295"},
        Refusal{"LargeCollector",
                "{ collector_id = 4294967296, keys = [{ version = 1, key = \"file:k\" }] }",
                "p.toml:6: google.collector_id must lie between 1 and 4294967295"},
        Refusal{"CollectorAsText",
                "{ collector_id = \"20180608\", keys = [{ version = 1, key = \"file:k\" }] }",
                "p.toml:6: google.collector_id must be an integer, this is a string"},
        Refusal{"Misspelt",
                "{ collector_id = 1, keys = [{ version = 1, key = \"file:k\" }], service = [] }",
                "p.toml:6: unknown key google.service (did you mean services?)"},
        Refusal{"UnknownService",
                "{ collector_id = 1, keys = [{ version = 1, key = \"file:k\" }], "
                "services = [\"all\", \"ticket\"] }",
                "p.toml:6: google.services may not hold \"ticket\" (any of: all, loyalty, offer, "
                "gift_card, closed_loop, event_ticket, flight, transit, generic, generic_private, "
                "customer)"},
        Refusal{"ServiceTwice",
                "{ collector_id = 1, keys = [{ version = 1, key = \"file:k\" }], "
                "services = [\"offer\", \"offer\"] }",
                "p.toml:6: google.services holds \"offer\" twice"},
        Refusal{"NoServices",
                "{ collector_id = 1, keys = [{ version = 1, key = \"file:k\" }], services = [] }",
                "p.toml:6: google.services asks for nothing (omit it to ask for all)"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Keys, ConfigGoogleRefuses,
    testing::Values(
        Refusal{"NoKeys", "{ collector_id = 1 }",
                "p.toml:6: google.keys needs at least one key (keys = [{ version = 1,"},
        Refusal{"EmptyKeys", "{ collector_id = 1, keys = [] }",
                "p.toml:6: google.keys needs at least one key"},
        Refusal{"KeysNoArray", "{ collector_id = 1, keys = \"file:k\" }",
                "p.toml:6: google.keys must be an array of tables, this is a string"},
        Refusal{"KeyAsInApple", "{ collector_id = 1, keys = [\n\"file:k\"] }",
                "p.toml:7: google.keys must hold tables only, here is a string"},
        Refusal{"NoVersion", "{ collector_id = 1, keys = [{ key = \"file:k\" }] }",
                "p.toml:6: google.keys.version is missing"},
        Refusal{"NegativeVersion",
                "{ collector_id = 1, keys = [{ version = -1, key = \"file:k\" }] }",
                "p.toml:6: google.keys.version must lie between 0 and 4294967295"},
        Refusal{"LargeVersion",
                "{ collector_id = 1, keys = [{ version = 4294967296, key = \"file:k\" }] }",
                "p.toml:6: google.keys.version must lie between 0 and 4294967295"},
        Refusal{"VersionTwice",
                "{ collector_id = 1, keys = [{ version = 1, key = \"file:k\" },\n"
                "{ version = 1, key = \"file:l\" }] }",
                "p.toml:7: google.keys holds version 1 twice"},
        Refusal{"NoKey", "{ collector_id = 1, keys = [{ version = 1 }] }",
                "p.toml:6: google.keys.key is missing (\"file:PATH\")"},
        Refusal{"RemoteKey",
                "{ collector_id = 1, keys = [\n{ version = 1, key = \"remote:cloud\" }] }",
                "p.toml:7: google.keys.key is refused (a Google key signs during the tap: it must "
                "be on this terminal)"},
        Refusal{"MisspeltKey",
                "{ collector_id = 1, keys = [{ version = 1, key = \"file:k\", kei = 1 }] }",
                "p.toml:6: unknown key google.keys.kei (did you mean key?)"}),
    name_of);

TEST(ConfigGoogle, NeverRepeatsAKeyThatWasWrittenIntoTheFile) {
  const auto said = problems_of(
      with_google("{ collector_id = 1, keys = [{ version = 1, key = \"MHcCAQEEIc2VjcmV0\" }] }"));
  EXPECT_THAT(said, ElementsAre(HasSubstr(
                        "p.toml:6: google.keys.key is not a reference to a secret (write file:")));
  EXPECT_THAT(said, testing::Each(testing::Not(HasSubstr("MHcCAQ"))));
}

std::string two_passes(std::string_view first_key, std::string_view second_key) {
  std::string text(kTerminal);
  for (const auto& [name, key] : {std::pair("member", first_key), {"guest", second_key}}) {
    text += fmt::format(
        "[[pass]]\nname = \"{}\"\n[pass.google]\ncollector_id = 7\nkeys = [{{ {} }}]\n", name, key);
  }
  return text;
}

TEST(ConfigGoogle, PassesMayShareACollector) {
  EXPECT_THAT(
      problems_of(two_passes("version = 1, key = \"file:k\"", "version = 1, key = \"file:k\"")),
      IsEmpty());
  EXPECT_THAT(
      problems_of(two_passes("version = 1, key = \"file:k\"", "version = 2, key = \"file:l\"")),
      IsEmpty());
}

TEST(ConfigGoogle, RefusesTwoKeysUnderOneVersionOfACollector) {
  EXPECT_THAT(
      problems_of(two_passes("version = 1, key = \"file:k\"", "version = 1, key = \"file:l\"")),
      ElementsAre("p.toml:12: collector 7 has another key of version 1 at p.toml:7 "
                  "(passes of one collector share its keys)"));
}

/// Two passes that ask with so many keys in all, and readers after them.
std::string many_keys(unsigned keys, std::string_view readers) {
  std::string text(kTerminal);
  for (unsigned i = 0; i < 2; ++i) {
    text += fmt::format("[[pass]]\nname = \"p{}\"\n[pass.google]\ncollector_id = {}\n", i, i + 1);
    for (unsigned version = i; version < keys; version += 2) {
      text += fmt::format("[[pass.google.keys]]\nversion = {}\nkey = \"file:k\"\n", version);
    }
  }
  return text + std::string(readers);
}

TEST(ConfigGoogle, RefusesAReaderThatWouldAskWithMoreKeysThanATapHolds) {
  const std::string_view asks_all = "[[reader]]\nmode = \"wedge\"\n";
  EXPECT_THAT(problems_of(many_keys(16, asks_all)), IsEmpty());
  EXPECT_THAT(problems_of(many_keys(17, asks_all)),
              ElementsAre(HasSubstr("this reader would ask with 17 Google keys, 16 at most")));
  EXPECT_THAT(problems_of(many_keys(17, "[[reader]]\nmode = \"wedge\"\npasses = [\"p0\"]\n")),
              IsEmpty());
}

TEST(ConfigGoogle, IsShownOnLinesThatMeanTheSame) {
  const test::TempFolder dir;
  const auto file = dir.write(
      "p.toml", fmt::format("{}{}[pass.google]\ncollector_id = 20180608\n"
                            "[[pass.google.keys]]\nversion = 1\nkey = \"file:keys/a.pem\"\n"
                            "[[pass.google.keys]]\nversion = 2\nkey = \"credential:b\"\n",
                            kTerminal, kPass));
  dir.write("keys/a.pem", "c2VjcmV0");
  const std::string shown = show_config(file, true);
  EXPECT_THAT(shown, HasSubstr("google.collector_id = 20180608  # " + file.string() + ":7\n"));
  EXPECT_THAT(shown, HasSubstr(fmt::format("google.keys = [{{ version = 1, key = \"file:{}\" }}, "
                                           "{{ version = 2, key = \"credential:b\" }}]  # {}:8\n",
                                           (dir / "keys/a.pem").string(), file.string())));
  EXPECT_THAT(shown, HasSubstr("google.services = [\"all\"]  # default\n"));
  EXPECT_THAT(shown, testing::Not(HasSubstr("c2VjcmV0")));
  const auto again = dir.write("again.toml", show_config(file, false));
  EXPECT_EQ(show_config(again, false), show_config(file, false));
  EXPECT_TRUE(load_config(again));
}

}  // namespace
}  // namespace passgate::runtime
