// SPDX-License-Identifier: Apache-2.0
// [[provider]] of each kind: what is accepted and what it means.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/config.h"
#include "tests/runtime/config_text.h"

namespace passgate::runtime {
namespace {

using namespace std::chrono_literals;
using test::loaded;
using test::problems_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

/// A provider of a kind with what every mode of it needs; line 9 comes next.
std::string provider(std::string_view kind) {
  const bool has_account = kind == "passninja" || kind == "passworks";
  return "[terminal]\nid = \"a\"\n[[provider]]\nname = \"main\"\nkind = \"" + std::string(kind) +
         "\"\nbase_url = \"https://api.example\"\napi_key = \"file:key\"\n" +
         (has_account ? "account_id = \"aid\"\n" : "refresh_s = 60\n");
}

ProviderConfig read(std::string_view kind, std::string_view more) {
  auto all = loaded(provider(kind) + std::string(more)).providers;
  return all.empty() ? ProviderConfig{} : all.front();
}

struct Mode {
  const char* kind;
  const char* mode;
  const char* more;
};

class ProviderConfigAccepts : public testing::TestWithParam<Mode> {};

TEST_P(ProviderConfigAccepts, EveryKindInEachOfItsModes) {
  const auto text = provider(GetParam().kind) + GetParam().more + "\n";
  ASSERT_THAT(problems_of(text), IsEmpty());
  EXPECT_EQ(loaded(text).providers.at(0).redeem.mode, GetParam().mode);
}

INSTANTIATE_TEST_SUITE_P(
    Modes, ProviderConfigAccepts,
    testing::Values(
        Mode{"passninja", "patch", ""},
        Mode{"passninja", "patch",
             R"(redeem = { fields = { a = "{time}" }, undo_fields = {a=""} })"},
        Mode{"passninja", "scan", R"(redeem = { mode = "scan", token = "file:t", message = "x" })"},
        Mode{"passninja", "expire", R"(redeem = { mode = "expire", expire_field = "until" })"},
        Mode{"passninja", "delete", R"(redeem = { mode = "delete" })"},
        Mode{"passninja", "none", R"(redeem = { mode = "none" })"}, Mode{"passmint", "patch", ""},
        Mode{"passmint", "patch", R"(redeem = { undo_fields = { used = "" } })"},
        Mode{"passmint", "scan", R"(redeem = { mode = "scan" })"},
        Mode{
            "passmint", "scan",
            R"(redeem = { mode = "scan", token = "file:t", scanner_name = "n", decision_at = "/a/b~1" })"},
        Mode{"passmint", "both", R"(redeem = { mode = "both", fields = { at = "{time}" } })"},
        Mode{"passmint", "none", R"(redeem = { mode = "none" })"},
        Mode{"passinstance", "update", R"(redeem = { fields = { redeemedAt = "{time}" } })"},
        Mode{
            "passinstance", "update",
            R"(redeem = { fields = { a = "b" }, path = "/p/{serial}", member = "", value = "text" })"},
        Mode{"passinstance", "void", R"(redeem = { mode = "void", body = '{"voided":true}' })"},
        Mode{"passinstance", "none", R"(redeem = { mode = "none" })"},
        Mode{"passworks", "redeem", ""},
        Mode{"passworks", "redeem", R"(redeem = { confirm = "count" })"},
        Mode{"passworks", "none", R"(redeem = { mode = "none" })"}));

TEST(ProviderKinds, HaveTheirOwnDefaults) {
  const auto ninja = read("passninja", "");
  EXPECT_EQ(ninja.page_size, 100U);
  EXPECT_EQ(ninja.max_rps, 5.0);
  EXPECT_EQ(ninja.retry_base, 1000ms);
  EXPECT_EQ(ninja.valid_until, "");
  const auto mint = read("passmint", "");
  EXPECT_EQ(mint.page_size, 100U);
  EXPECT_EQ(mint.full_refresh, 86400s);
  EXPECT_EQ(mint.redeem.decision_at, "/decision");
  EXPECT_EQ(mint.valid_until, "");
  const auto instance = read("passinstance", "redeem = { fields = { at = \"{time}\" } }\n");
  EXPECT_EQ(instance.valid_until, "/expirationDate");
  EXPECT_EQ(instance.auth, "api_key");
  EXPECT_EQ(instance.redeem.method, "PUT");
  EXPECT_EQ(instance.redeem.path, "/passes/{id}");
  EXPECT_FALSE(instance.list);
  const auto works = read("passworks", "");
  EXPECT_EQ(works.page_size, 50U);
  EXPECT_EQ(works.max_rps, 1.0);
  EXPECT_EQ(works.valid_until, "/expiration_date");
  EXPECT_EQ(works.redeem.confirm, "redeems");
}

TEST(ProviderKinds, ReadEveryKeyOfAScanner) {
  const auto redeem = read("passmint", R"(full_refresh_s = 3600
retry_base_ms = 10
valid_from = "/metadata/from"
[provider.redeem]
mode = "both"
token = "credential:scanner"
scanner_name = "north"
message = "{pass_id}-{reader}"
decision_at = "/outcome"
reason_at = "/why"
fields = { at = "{time}" }
undo_fields = { at = "" }
)");
  EXPECT_EQ(redeem.full_refresh, 3600s);
  EXPECT_EQ(redeem.retry_base, 10ms);
  EXPECT_EQ(redeem.valid_from, "/metadata/from");
  EXPECT_EQ(redeem.redeem.token->text(), "credential:scanner");
  EXPECT_EQ(redeem.redeem.scanner_name, "north");
  EXPECT_EQ(redeem.redeem.message, "{pass_id}-{reader}");
  EXPECT_EQ(redeem.redeem.decision_at, "/outcome");
  EXPECT_EQ(redeem.redeem.reason_at, "/why");
  EXPECT_THAT(redeem.redeem.fields, ElementsAre(Pair("at", "{time}")));
  EXPECT_THAT(redeem.redeem.undo_fields, ElementsAre(Pair("at", "")));
}

TEST(ProviderKinds, ReadAListThatTheVendorDoesNotDocument) {
  const auto instance = read("passinstance", R"(auth = "bearer"
get_path = "/passes/{id}?serial={serial}"
valid_until = ""
redeem = { mode = "void", method = "POST", path = "/passes/{id}/void", body = "{}" }
[provider.list]
path = "/passes?t={template}&after={cursor}&n={page_size}"
items = ""
next = "/links/next"
id = "/passId"
serial = "/no"
status = "/state"
)");
  EXPECT_EQ(instance.auth, "bearer");
  EXPECT_EQ(instance.get_path, "/passes/{id}?serial={serial}");
  EXPECT_EQ(instance.valid_until, "");
  EXPECT_EQ(instance.redeem.method, "POST");
  EXPECT_EQ(instance.redeem.path, "/passes/{id}/void");
  EXPECT_EQ(instance.redeem.body, "{}");
  ASSERT_TRUE(instance.list);
  EXPECT_EQ(instance.list->path, "/passes?t={template}&after={cursor}&n={page_size}");
  EXPECT_EQ(instance.list->items, "");
  EXPECT_EQ(instance.list->next, "/links/next");
  EXPECT_EQ(instance.list->id, "/passId");
  EXPECT_EQ(instance.list->serial, "/no");
  EXPECT_EQ(instance.list->status, "/state");
}

TEST(ProviderKinds, ReadWhatProvesAPush) {
  const std::string http = "[http]\nlisten = [\"127.0.0.1:1\"]\n";
  const auto ninja =
      read("passninja",
           "webhook = { secrets = [\"file:a\", \"file:b\"], max_skew_s = 7, max_age_s = 70, "
           "legacy = true }\n" +
               http);
  ASSERT_TRUE(ninja.webhook);
  EXPECT_EQ(ninja.webhook->secrets.size(), 2U);
  EXPECT_EQ(ninja.webhook->max_skew, 7s);
  EXPECT_EQ(ninja.webhook->max_age, 70s);
  EXPECT_TRUE(ninja.webhook->legacy);
  const auto instance =
      read("passinstance",
           "webhook = { secrets = [\"file:a\"], signature_header = \"X-PI-Signature\" }\n"
           "redeem = { mode = \"none\" }\n" +
               http);
  ASSERT_TRUE(instance.webhook);
  EXPECT_EQ(instance.webhook->signature_header, "x-pi-signature");
  EXPECT_EQ(instance.webhook->max_age, 25h);
  EXPECT_TRUE(read("passmint", "webhook = { secrets = [\"file:a\"] }\n" + http).webhook);
  EXPECT_TRUE(read("passworks", "webhook = { secrets = [\"file:a\"] }\n" + http).webhook);
  // Its old pushes prove nothing, so a secret would have nothing to prove.
  EXPECT_TRUE(read("passninja", "webhook = { legacy = true }\n" + http).webhook);
}

TEST(ProviderKinds, AreNamedWhenTheKindIsNone) {
  EXPECT_THAT(problems_of(provider("passkit")),
              ElementsAre("p.toml:5: kind may not be \"passkit\" (one of: passninja, passmint, "
                          "passinstance, passworks)"));
}

TEST(ProviderKinds, AreNotGuessedSoThatOneMistakeIsOneProblem) {
  EXPECT_THAT(problems_of(provider("passkit") +
                          "account_id = \"a\"\nauth = \"bearer\"\nget_path = \"x\"\n"
                          "redeem = { mode = \"scan\", body = \"\" }\nlist = { path = \"x\" }\n"),
              ElementsAre(HasSubstr("p.toml:5: kind may not be \"passkit\"")));
}

}  // namespace
}  // namespace passgate::runtime
