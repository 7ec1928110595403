// SPDX-License-Identifier: Apache-2.0
#include "sync/webhook/passninja_push.h"
#include "tests/sync/push_kit.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;

constexpr std::string_view kToken = "wbk_b3d6";
constexpr std::string_view kTap = "019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11";
const Headers kBearer{{"authorization", "Bearer wbk_b3d6"}, {"content-type", "application/json"}};

/// The vendor's own example, at our time.
json event(std::string_view type = "pn.pass.installed") {
  return {{"specversion", "1.0"},
          {"id", "38656a51-a892-8717-587b-f59de5163c2a"},
          {"source", "https://api.passninja.com/accounts/aid_0xa01"},
          {"type", type},
          {"datacontenttype", "application/json"},
          {"time", "2026-11-20T09:59:43.511Z"},
          {"pnattempt", 1},
          {"data",
           {{"pass_template", "ptk_0x216"},
            {"pass_id", "fee4a257185906b92a"},
            {"metadata", {{"member.name", "John"}, {"discount", "50%"}}}}}};
}

json legacy_event() {
  return {{"passTemplate", "ptk_0x216"},
          {"passId", "fee4a257185906b92a"},
          {"event", "install"},
          {"eventDate", "2026-11-20T09:25:43.511Z"},
          {"attempt", 1}};
}

struct PassNinjaPushTest : ::testing::Test {
  std::unique_ptr<PushReader> reader = push_reader(push_config("passninja"), {kToken});

  PushRead read(const json& body) const { return read_push(*reader, kBearer, body.dump()); }
};

TEST_F(PassNinjaPushTest, ReadsTheVendorsExampleThoughItsMediaTypeIsPlainJson) {
  EXPECT_EQ(pushed(read(event())),
            (Push{.dedup_key = "38656a51-a892-8717-587b-f59de5163c2a",
                  .type = "pn.pass.installed",
                  .pass_template = "ptk_0x216",
                  .pass = {"fee4a257185906b92a", "fee4a257185906b92a", ""}}));
}

TEST_F(PassNinjaPushTest, EveryByteOfTheTokenMatters) {
  const Headers bare{{"authorization", "Bearer wbk_b3d6"}};
  const auto reader_of = push_config("passninja");
  const auto one = push_reader(reader_of, {kToken});
  for (std::size_t i = 7; i < bare[0].second.size(); ++i) {
    auto wrong = bare;
    wrong[0].second[i] = static_cast<char>(wrong[0].second[i] ^ 1);
    EXPECT_EQ(refusal(read_push(*one, wrong, event().dump())), Errc::auth_failed) << i;
  }
  for (const auto* header : {"", "Bearer ", "Bearer wbk_b3d", "Bearer wbk_b3d66", "Basic wbk_b3d6",
                             "wbk_b3d6", "Bearer  wbk_b3d6"}) {
    EXPECT_EQ(refusal(read_push(*one, {{"authorization", header}}, event().dump())),
              Errc::auth_failed)
        << header;
  }
  EXPECT_EQ(refusal(read_push(*one, {}, event().dump())), Errc::auth_failed);
  EXPECT_TRUE(read_push(*one, {{"authorization", "bearer wbk_b3d6"}}, event().dump()));
}

TEST_F(PassNinjaPushTest, TakesTheOldAndTheNewTokenWhileOneIsReplaced) {
  reader = push_reader(push_config("passninja"), {"old", "new"});
  for (const auto* header : {"Bearer old", "Bearer new"}) {
    EXPECT_TRUE(read_push(*reader, {{"authorization", header}}, event().dump())) << header;
  }
  EXPECT_EQ(refusal(read(event())), Errc::auth_failed);
}

TEST_F(PassNinjaPushTest, LooksAtNothingOfABodyThatNobodyVouchesFor) {
  EXPECT_EQ(refusal(read_push(*reader, {}, "{{{")), Errc::auth_failed);
}

TEST_F(PassNinjaPushTest, AllowsForADayOfAttemptsAndNoMore) {
  const auto at = [&](const char* time) {
    auto body = event();
    body["time"] = time;
    return read(body);
  };
  EXPECT_TRUE(at("2026-11-19T09:00:00Z"));  // 25 hours ago
  EXPECT_EQ(refusal(at("2026-11-19T08:59:59Z")), Errc::too_old);
  EXPECT_TRUE(at("2026-11-20T10:05:00Z"));
  EXPECT_EQ(refusal(at("2026-11-20T10:05:01Z")), Errc::too_old);
  EXPECT_EQ(refusal(at("yesterday")), Errc::bad_value);
}

TEST_F(PassNinjaPushTest, TakesAnEventWithoutATimeBecauseItsIdKeepsRepeatsOut) {
  auto body = event();
  body.erase("time");
  EXPECT_EQ(pushed(read(body)).dedup_key, "38656a51-a892-8717-587b-f59de5163c2a");
}

TEST_F(PassNinjaPushTest, FindsTheTapThatCausedAnUpdate) {
  auto body = event("pn.pass.updated");
  body["data"]["metadata"] = {{"member", "838b8cf6-0dac-4bfa-9d9c-27d4e9b01a10"},  // not of a tap
                              {"gate", "gate-a1"},
                              {"tap", kTap},
                              {"visits", 3}};
  const auto push = pushed(read(body));
  EXPECT_TRUE(push.may_be_echo);
  EXPECT_EQ(push.tap_id, kTap);
  EXPECT_FALSE(pushed(read(event("pn.pass.uninstalled"))).may_be_echo);
}

TEST_F(PassNinjaPushTest, TakesMetadataThatIsNullAndMembersItDoesNotKnow) {
  auto body = event();
  body["data"]["metadata"] = nullptr;
  body["subject"] = "anything";
  body["traceparent"] = 7;
  EXPECT_EQ(pushed(read(body)).pass.id, "fee4a257185906b92a");
}

TEST_F(PassNinjaPushTest, FindsThePassOfAScanWhereverItIsNested) {
  auto flat = event("pn.pass.scanned");
  auto nested = flat;
  nested["data"] = {{"scanId", "scn_1"},
                    {"readerSerial", "R1"},
                    {"result", "accepted"},
                    {"pass", {{"passTemplate", "ptk_0x216"}, {"passId", "fee4a257185906b92a"}}}};
  for (const auto& body : {flat, nested}) {
    const auto push = pushed(read(body));
    EXPECT_EQ(push.pass.id, "fee4a257185906b92a");
    EXPECT_EQ(push.pass_template, "ptk_0x216");
    EXPECT_TRUE(push.may_be_echo);
  }
  nested["data"]["pass"] = nullptr;
  const auto of_nothing = read(nested);
  EXPECT_TRUE(of_nothing && !*of_nothing);
}

TEST_F(PassNinjaPushTest, ForgetsWhatConcernsNoPass) {
  const auto about_template = read(event("pn.template.published"));
  EXPECT_TRUE(about_template && !*about_template);
}

TEST_F(PassNinjaPushTest, RefusesWhatIsNotDocumented) {
  const auto broken = [](auto change) {
    auto body = event();
    change(body);
    return body;
  };
  const std::vector<json> bodies{
      json::array(),
      legacy_event(),
      broken([](json& b) { b.erase("specversion"); }),
      broken([](json& b) { b.erase("id"); }),
      broken([](json& b) { b["id"] = 7; }),
      broken([](json& b) { b["id"] = std::string(257, 'x'); }),
      broken([](json& b) { b["type"] = nullptr; }),
      broken([](json& b) { b["time"] = 1700000000; }),
      broken([](json& b) { b["data"] = "x"; }),
      broken([](json& b) { b["data"].erase("pass_id"); }),
      broken([](json& b) { b["data"]["pass_id"] = 7; }),
      broken([](json& b) { b["data"]["pass_template"] = json::array(); }),
      broken([](json& b) { b["data"]["metadata"] = "x"; }),
  };
  for (const auto& body : bodies) EXPECT_EQ(refusal(read(body)), Errc::bad_value) << body;
  EXPECT_EQ(refusal(read_push(*reader, kBearer, "")), Errc::bad_value);
  EXPECT_EQ(refusal(read_push(*reader, kBearer, std::string(kLargestPush + 1, ' '))),
            Errc::too_large);
}

TEST_F(PassNinjaPushTest, TakesTheUnsignedFormatOnlyWhenItIsSwitchedOn) {
  EXPECT_EQ(refusal(read_push(*reader, {}, legacy_event().dump())), Errc::auth_failed);
  auto config = push_config("passninja");
  config.webhook->legacy = true;
  reader = push_reader(config, {kToken});
  const auto push = pushed(read_push(*reader, {}, legacy_event().dump()));
  EXPECT_EQ(push.pass.id, "fee4a257185906b92a");
  EXPECT_EQ(push.pass_template, "ptk_0x216");
  EXPECT_EQ(push.type, "install");
  // The newer format still needs its token, and a wrong one is never no one.
  EXPECT_EQ(refusal(read_push(*reader, {}, event().dump())), Errc::auth_failed);
  EXPECT_EQ(refusal(read_push(*reader, {{"authorization", "Bearer x"}}, legacy_event().dump())),
            Errc::auth_failed);
}

TEST_F(PassNinjaPushTest, KnowsAnUnsignedEventAgainByPassEventAndDate) {
  auto config = push_config("passninja");
  config.webhook->legacy = true;
  reader = push_reader(config, {});
  const auto key = [&](const json& body) {
    return pushed(read_push(*reader, {}, body.dump())).dedup_key;
  };
  auto second_attempt = legacy_event();
  second_attempt["attempt"] = 2;
  EXPECT_EQ(key(second_attempt), key(legacy_event()));
  for (const auto& [member, value] :
       Headers{{"passId", "x"}, {"event", "update"}, {"eventDate", "2026-11-20T09:25:43.512Z"}}) {
    auto other = legacy_event();
    other[member] = value;
    EXPECT_NE(key(other), key(legacy_event())) << member;
  }
}

}  // namespace
}  // namespace passgate::sync::test
