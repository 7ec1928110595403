// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/config.h"
#include "runtime/config.h"
#include "tests/rig/temp_folder.h"

namespace passgate::runtime {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ConfigShow, SaysWhereEachValueComesFrom) {
  const test::TempFolder dir;
  const auto file = dir.write("p.toml", "[terminal]\nid = \"a\"\n\nkeep_days = 30\n");
  const auto more = dir.write("conf.d/x.toml", "[terminal]\nkeep_days = 60\n");
  const std::string shown = show_config(file, true);
  EXPECT_THAT(shown, HasSubstr("[terminal]\nid = \"a\"  # " + file.string() + ":2\n"));
  EXPECT_THAT(shown, HasSubstr("keep_days = 60  # " + more.string() + ":2\n"));
  EXPECT_THAT(shown, HasSubstr("runtime_dir = \"/run/passgate\"  # default\n"));
  EXPECT_THAT(show_config(file, false), Not(HasSubstr("#")));
}

TEST(ConfigShow, PrintsAConfigurationThatMeansTheSame) {
  const auto example = std::filesystem::path(PASSGATE_SOURCE_DIR) / "docs" / "example.toml";
  const std::string shown = show_config(example, false);
  const test::TempFolder dir;
  const auto again = dir.write("again.toml", shown);
  ASSERT_TRUE(load_config(again)) << shown << load_config(again).error()[0].text();
  EXPECT_EQ(show_config(again, false), shown);
  EXPECT_THAT(shown, HasSubstr("redeem.fields.redeemed-at = \"{time}\"\n"));
  EXPECT_THAT(shown, HasSubstr("type = \"{pass_id}\\n\"\n"));
}

TEST(ConfigShow, ShowsOfACloudWhatItsKindAndModeHave) {
  const test::TempFolder dir;
  const auto file =
      dir.write("p.toml",
                "[terminal]\nid = \"a\"\n[[provider]]\nname = \"m\"\nkind = \"passmint\"\n"
                "base_url = \"https://m\"\napi_key = \"file:k\"\nfull_refresh_s = 600\n"
                "webhook = { secrets = [\"file:s\"] }\n[provider.redeem]\nmode = \"scan\"\n"
                "[http]\nlisten = [\"127.0.0.1:1\"]\n");
  const std::string at = "  # " + file.string();
  const std::string shown = show_config(file, true);
  EXPECT_THAT(shown, HasSubstr("full_refresh_s = 600" + at + ":8\n"));
  EXPECT_THAT(shown, HasSubstr("redeem.mode = \"scan\"" + at + ":11\n"));
  EXPECT_THAT(shown, HasSubstr("redeem.decision_at = \"/decision\"  # default\n"));
  EXPECT_THAT(shown, HasSubstr("webhook.max_skew_s = 300  # default\n"));
  EXPECT_THAT(shown, HasSubstr("retry_base_ms = 1000  # default\n"));
  EXPECT_THAT(shown, HasSubstr("[http]\nlisten = [\"127.0.0.1:1\"]" + at + ":13\n"));
  for (const auto* elsewhere : {"account_id", "auth", "redeem.body", "redeem.confirm", "legacy"}) {
    EXPECT_THAT(shown, Not(HasSubstr(elsewhere)));
  }
}

TEST(ConfigShow, PutsProblemsInFrontAsComments) {
  const test::TempFolder dir;
  const auto file = dir.write("p.toml", "[terminal]\nid = \"a\"\nkeep = 30\n");
  EXPECT_THAT(show_config(file, false),
              testing::StartsWith("# problem: " + file.string() + ":3: unknown key keep"));
}

TEST(ConfigShow, PrintsReferencesToSecretsAndNoneOfTheirContent) {
  const test::TempFolder dir;
  dir.write("hook", "whsec_c2VjcmV0");
  const auto file = dir.write("p.toml",
                              "[terminal]\nid = \"a\"\n[[subscriber]]\nname = \"b\"\n"
                              "url = \"https://b\"\nsecrets = [\"file:hook\"]\n");
  EXPECT_THAT(show_config(file, true), HasSubstr("\"file:" + (dir / "hook").string() + "\""));
  EXPECT_THAT(show_config(file, true), Not(HasSubstr("c2VjcmV0")));
}

TEST(ConfigCheck, IsSilentOnErrorsAndExitsZeroWhenValid) {
  const test::TempFolder dir;
  std::ostringstream out, err;
  EXPECT_EQ(cli::config_check(dir.write("p.toml", "[terminal]\nid = \"a\"\n"), out, err), 0);
  EXPECT_EQ(out.str(), "configuration is valid\n");
  EXPECT_EQ(err.str(), "");
}

TEST(ConfigCheck, PrintsEachProblemAndExits78) {
  const test::TempFolder dir;
  std::ostringstream out, err;
  const auto file = dir.write("p.toml", "[terminal]\nid = \"a b\"\nkeep = 30\n");
  EXPECT_EQ(cli::config_check(file, out, err), 78);
  EXPECT_EQ(out.str(), "");
  EXPECT_THAT(err.str(), HasSubstr(file.string() + ":2: terminal.id"));
  EXPECT_THAT(err.str(), HasSubstr(file.string() + ":3: unknown key keep"));
}

TEST(ConfigShowCommand, ExitsLikeTheCheckDoes) {
  const test::TempFolder dir;
  std::ostringstream out, err;
  EXPECT_EQ(cli::config_show(dir.write("p.toml", "[terminal]\nid = \"a\"\n"), true, out, err), 0);
  EXPECT_THAT(out.str(), HasSubstr("id = \"a\"  # "));
  EXPECT_EQ(cli::config_show(dir / "none.toml", true, out, err), 78);
  EXPECT_THAT(err.str(), HasSubstr("there is no such file"));
}

}  // namespace
}  // namespace passgate::runtime
