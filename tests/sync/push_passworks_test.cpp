// SPDX-License-Identifier: Apache-2.0
#include "sync/webhook/push_fields.h"
#include "tests/sync/push_kit.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;

constexpr std::string_view kKey = "5e4a8c7d3b2f";
const Headers kAuthorization{{"authorization", std::string(kKey)}};

json event(std::string_view type = "created") {
  return {
      {"event", type},       {"context", "pass"},      {"campaign_id", "c-1"},
      {"pass_id", "p-1"},    {"serial_number", "S-1"}, {"voided", false},
      {"redeemed_count", 0}, {"redeemed_at", nullptr}, {"event_at", "2026-11-20T09:30:00.000Z"}};
}

struct PassworksPushTest : ::testing::Test {
  std::unique_ptr<PushReader> reader = push_reader(push_config("passworks"), {kKey});

  PushRead read(const json& body) const { return read_push(*reader, kAuthorization, body.dump()); }
};

TEST_F(PassworksPushTest, ReadsAnEventWithoutNamingATemplate) {
  const auto push = pushed(read(event("installed")));
  EXPECT_EQ(push.pass, (PassNames{"p-1", "S-1", ""}));
  EXPECT_EQ(push.type, "installed");
  EXPECT_EQ(push.pass_template, "");
  EXPECT_FALSE(push.may_be_echo);
  EXPECT_EQ(push.told, std::nullopt);
}

TEST_F(PassworksPushTest, ComparesTheWholeHeaderWithTheSecretLetterByLetter) {
  expect_every_byte_to_matter(push_config("passworks"), std::string(kKey), kAuthorization,
                              event().dump(), false);
  for (const auto* value : {"", "Token 5e4a8c7d3b2f", "5e4a8c7d3b2f ", "5e4a8c7d3b2"}) {
    EXPECT_EQ(refusal(read_push(*reader, {{"authorization", value}}, event().dump())),
              Errc::auth_failed)
        << value;
  }
  EXPECT_EQ(refusal(read_push(*reader, {}, event().dump())), Errc::auth_failed);
}

TEST_F(PassworksPushTest, TakesTheOldAndTheNewKeyWhileOneIsReplaced) {
  reader = push_reader(push_config("passworks"), {"Token old", "new"});
  for (const auto* value : {"Token old", "new"}) {
    EXPECT_TRUE(read_push(*reader, {{"authorization", value}}, event().dump())) << value;
  }
  EXPECT_EQ(refusal(read(event())), Errc::auth_failed);
}

TEST_F(PassworksPushTest, ARedeemedPassMayBeOurOwnUse) {
  auto body = event("redeemed");
  body["voided"] = true;
  body["redeemed_count"] = 1;
  const auto push = pushed(read(body));
  EXPECT_TRUE(push.may_be_echo);
  EXPECT_EQ(push.told, std::nullopt);  // voided by being redeemed
}

TEST_F(PassworksPushTest, TellsThatAPassWasVoidedOnlyWhenNobodyUsedIt) {
  auto body = event("fetched");
  body["voided"] = true;
  EXPECT_EQ(pushed(read(body)).told, gate::PassState::voided);
  body.erase("redeemed_count");
  EXPECT_EQ(pushed(read(body)).told, std::nullopt);
}

TEST_F(PassworksPushTest, KnowsAnEventAgainByPassNameAndTime) {
  const auto key = [&](const char* member, const char* value) {
    auto body = event();
    body[member] = value;
    return pushed(read(body)).dedup_key;
  };
  const auto first = key("distribution_id", "d-1");
  EXPECT_EQ(key("distribution_id", "d-2"), first);
  EXPECT_NE(key("pass_id", "p-2"), first);
  EXPECT_NE(key("event", "fetched"), first);
  EXPECT_NE(key("event_at", "2026-11-20T09:30:00.001Z"), first);
  // The same letters, cut elsewhere.
  EXPECT_NE(dedup_key_of({"ab", "c"}), dedup_key_of({"a", "bc"}));
}

TEST_F(PassworksPushTest, RefusesOldEventsAndThoseOfTomorrow) {
  auto body = event();
  body["event_at"] = "2026-11-19T08:59:59Z";
  EXPECT_EQ(refusal(read(body)), Errc::too_old);
  body["event_at"] = "2026-11-20T10:05:01Z";
  EXPECT_EQ(refusal(read(body)), Errc::too_old);
}

TEST_F(PassworksPushTest, RefusesWhatIsNotDocumented) {
  for (const auto& [member, value] :
       std::vector<std::pair<const char*, json>>{{"event", nullptr},
                                                 {"pass_id", 7},
                                                 {"pass_id", ""},
                                                 {"serial_number", json::object()},
                                                 {"event_at", "soon"},
                                                 {"voided", "yes"},
                                                 {"redeemed_count", "0"}}) {
    auto body = event();
    body[member] = value;
    EXPECT_EQ(refusal(read(body)), Errc::bad_value) << body;
  }
}

std::string refused(const runtime::ProviderConfig& config, const std::vector<std::string>& texts) {
  std::vector<SecretBytes> secrets;
  for (const auto& text : texts) secrets.push_back(secret(text));
  const auto made = make_push_reader(config, std::move(secrets));
  return made ? "" : made.error();
}

TEST(MakePushReader, NamesWhatIsMissing) {
  for (const auto* kind : {"passninja", "passmint", "passinstance", "passworks"}) {
    auto config = push_config(kind);
    EXPECT_EQ(refused(config, {"s"}), "") << kind;
    EXPECT_NE(refused(config, {}).find("without secrets"), std::string::npos) << kind;
    EXPECT_NE(refused(config, {"s", ""}).find("a secret is empty"), std::string::npos) << kind;
    config.webhook->max_age = std::chrono::hours{24 * 8};
    EXPECT_NE(refused(config, {"s"}).find("a week"), std::string::npos) << kind;
    config.webhook.reset();
    EXPECT_NE(refused(config, {"s"}), "") << kind;
  }
  auto unnamed = push_config("passinstance");
  unnamed.webhook->signature_header.clear();
  EXPECT_NE(refused(unnamed, {"s"}).find("signature_header"), std::string::npos);
  EXPECT_NE(refused(push_config("walletunion"), {"s"}).find("walletunion"), std::string::npos);
}

}  // namespace
}  // namespace passgate::sync::test
