// SPDX-License-Identifier: Apache-2.0
// docs/example.toml says that it has every key: so it shall.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "runtime/config.h"
#include "tests/rig/temp_folder.h"

namespace passgate::runtime {
namespace {

using testing::IsEmpty;

std::filesystem::path example() {
  return std::filesystem::path(PASSGATE_SOURCE_DIR) / "docs" / "example.toml";
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Settings that together show every key of the clouds, of pushes and of HTTP.
constexpr std::string_view kEverything = R"([terminal]
id = "a"
[[provider]]
name = "patch"
kind = "passninja"
base_url = "https://a"
account_id = "a"
api_key = "file:k"
webhook = { secrets = ["file:s"] }
redeem = { fields = { a = "b" }, undo_fields = { a = "" } }
status_map = { a = "valid" }
[[provider]]
name = "scan"
kind = "passninja"
base_url = "https://a"
account_id = "a"
api_key = "file:k"
redeem = { mode = "scan", token = "file:t" }
[[provider]]
name = "expire"
kind = "passninja"
base_url = "https://a"
account_id = "a"
api_key = "file:k"
redeem = { mode = "expire", expire_field = "x" }
[[provider]]
name = "mint"
kind = "passmint"
base_url = "https://a"
api_key = "file:k"
redeem = { mode = "both", token = "file:t", scanner_name = "n" }
[[provider]]
name = "update"
kind = "passinstance"
base_url = "https://a"
api_key = "file:k"
redeem = { fields = { a = "b" } }
list = { path = "/a?{page}" }
webhook = { secrets = ["file:s"], signature_header = "x" }
[[provider]]
name = "void"
kind = "passinstance"
base_url = "https://a"
api_key = "file:k"
redeem = { mode = "void", body = "{}" }
[[provider]]
name = "works"
kind = "passworks"
base_url = "https://a"
account_id = "a"
api_key = "file:k"
[[subscriber]]
name = "b"
url = "https://b"
bearer = "file:b"
secrets = ["file:s"]
[[pass]]
name = "far"
apple = { pass_type_id = "p", keys = ["remote:cloud"] }
uses = 1
reentry = "always"
reentry_within_s = 1
once_per_day = "Europe/Berlin"
direction = "entry"
max_clock_error_s = 1
[[zone]]
name = "z"
capacity = 1
timezone = "Europe/Berlin"
empties_at = "04:00"
[override]
allow = ["blocked"]
[[decrypt_service]]
name = "cloud"
url = "https://c"
account_id = "a"
api_key = "file:k"
[http]
listen = ["127.0.0.1:1"]
tls_cert = "c"
tls_key = "file:k"
[[http.client]]
account_id = "a"
api_key = "file:k"
roles = ["decrypt"]
templates = ["far"]
)";

/// The last parts of all keys that are shown; those of maps are the operator's.
std::set<std::string> keys_in(const std::string& shown) {
  std::set<std::string> keys;
  const std::regex line(R"((?:^|\n|[{,] )([A-Za-z_.]+) = )");
  for (std::sregex_iterator at(shown.begin(), shown.end(), line), end; at != end; ++at) {
    std::string key = (*at)[1];
    for (const auto* map : {"redeem.fields", "redeem.undo_fields", "status_map"}) {
      if (key.starts_with(map)) key = map;
    }
    keys.insert(key.substr(key.rfind('.') + 1));
  }
  return keys;
}

TEST(Example, HasEveryKey) {
  const test::TempFolder dir;
  const auto file = dir.write("p.toml", kEverything);
  ASSERT_TRUE(load_config(file)) << load_config(file).error().front().text();
  const auto keys = keys_in(show_config(file, false));
  EXPECT_GT(keys.size(), 50U);
  const std::string text = text_of(example());
  std::set<std::string> missing;
  for (const auto& key : keys) {
    const std::regex mention(R"((^|\n|# or: )(# )?)" + key + R"( = |\[(provider|http)\.)" + key +
                             "\\]");
    if (!std::regex_search(text, mention)) missing.insert(key);
  }
  EXPECT_THAT(missing, IsEmpty());
}

/// What a comment shows must be accepted where it stands.
TEST(Example, HasNoCommentThatWouldBeRefused) {
  struct Swap {
    std::string_view from;
    std::string_view to;
  };
  const std::vector<std::vector<Swap>> variants = {
      {{"mode = \"patch\" ", "mode = \"scan\" "},
       {"\nfields = { \"redeemed-at\"", "\n# "},
       {"\nundo_fields = { \"redeemed-at\"", "\n# "},
       {"# token = \"credential:passninja-reader\"", "token = \"credential:passninja-reader\""},
       {"# message = ", "message = "}},
      {{"mode = \"patch\" ", "mode = \"expire\" "},
       {"\nfields = { \"redeemed-at\"", "\n# "},
       {"\nundo_fields = { \"redeemed-at\"", "\n# "},
       {"# expire_field = ", "expire_field = "}},
      {{"&page={page}", "&after={cursor}"}, {"# next = ", "next = "}},
      {{"mode = \"update\" ", "mode = \"void\" "},
       {"\nfields = { redeemedAt", "\n# "},
       {"\nundo_fields = { redeemedAt", "\n# "},
       {"\nmember = ", "\n# "},
       {"\nvalue = ", "\n# "},
       {"# body = ", "body = "}},
      {{"\"127.0.0.1:8470\"", "\"0.0.0.0:8470\""},
       {"# tls_cert = ", "tls_cert = "},
       {"# tls_key = ", "tls_key = "}},
      {{"# reentry_within_s = ", "reentry_within_s = "},
       {"reentry = \"never\" ", "reentry = \"after_exit\" "},
       {"# once_per_day = ", "once_per_day = "},
       {"# max_clock_error_s = ", "max_clock_error_s = "}},
      {{"# direction = ", "direction = "},
       {"# capacity = ", "capacity = "},
       {"# timezone = ", "timezone = "},
       {"# empties_at = ", "empties_at = "}},
  };
  for (const auto& swaps : variants) {
    std::string text = text_of(example());
    for (const auto& swap : swaps) {
      const auto at = text.find(swap.from);
      ASSERT_NE(at, std::string::npos) << swap.from;
      text.replace(at, swap.from.size(), swap.to);
    }
    const test::TempFolder dir;
    const auto config = load_config(dir.write("p.toml", text));
    EXPECT_TRUE(config) << swaps.front().to << ": " << config.error().front().text();
  }
}

TEST(Example, NamesTheFourClouds) {
  const auto config = load_config(example());
  ASSERT_TRUE(config) << config.error().front().text();
  std::vector<std::string> kinds;
  for (const auto& provider : config->providers) kinds.push_back(provider.kind);
  EXPECT_THAT(kinds, testing::ElementsAre("passninja", "passmint", "passinstance", "passworks"));
  EXPECT_TRUE(config->http);
}

}  // namespace
}  // namespace passgate::runtime
