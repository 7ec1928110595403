// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tests/sync/passmint_kit.h"

namespace passgate::sync::test {
namespace {

using gate::PassState;
using nlohmann::json;

const ProviderTemplate kById{"tmpl_1", "id"};

struct PassmintSweepTest : ::testing::Test {
  std::unique_ptr<Provider> provider = make_mint(mint_config());
  std::unique_ptr<SweepSession> session = provider->sweep(kById, "");

  SweepStep take(const json& body) { return session->take(ok(body), kMintNow); }
  /// A new sweep, its template read.
  void begin(const json& policy = nullptr, const ProviderTemplate& of = kById) {
    session = provider->sweep(of, "");
    expect_is<PassPage>(take(mint_template(policy)));
  }
  std::vector<PassState> states(const std::vector<json>& passes) {
    std::vector<PassState> found;
    for (const auto& row : expect_is<LastPage>(take(mint_list(passes))).page.rows) {
      found.push_back(row.state);
    }
    return found;
  }
};

TEST_F(PassmintSweepTest, AsksForTheTemplateThenForItsPassesByCursor) {
  EXPECT_EQ(session->request().url, "https://api.example/v1/templates/tmpl_1");
  ASSERT_EQ(session->request().secret_headers.size(), 1U);
  EXPECT_EQ(session->request().secret_headers[0].scheme, "Bearer ");
  EXPECT_EQ(text_of(session->request().secret_headers[0].value->expose()), "pmk_test_1");
  expect_is<PassPage>(take(mint_template()));
  EXPECT_EQ(session->request().url, "https://api.example/v1/passes?template_id=tmpl_1&limit=2");
  const auto page = expect_is<PassPage>(take(mint_list({mint_pass("a"), mint_pass("b")}, true)));
  EXPECT_EQ(page.rows, (std::vector<MirrorRow>{{"a", "a", PassState::valid, {}, {}},
                                               {"b", "b", PassState::valid, {}, {}}}));
  EXPECT_EQ(session->request().url,
            "https://api.example/v1/passes?template_id=tmpl_1&limit=2&starting_after=b");
  const auto last = expect_is<LastPage>(take(mint_list({mint_pass("c", 0, true)})));
  EXPECT_EQ(last.distinct, 3U);
  ASSERT_EQ(last.page.rows.size(), 1U);
  EXPECT_EQ(last.page.rows[0].state, PassState::voided);
}

TEST(Passmint, DoesNotDoubleTheVersionInItsBase) {
  auto config = mint_config();
  config.base_url = "https://api.example/v1/";
  EXPECT_EQ(make_mint(config)->sweep(kById, "")->request().url,
            "https://api.example/v1/templates/tmpl_1");
}

TEST_F(PassmintSweepTest, JoinsBySerialAndKeepsTheIdOfItsUrls) {
  begin(nullptr, {"tmpl_1", "serial"});
  const auto last = expect_is<LastPage>(take(mint_list({mint_pass("a")})));
  ASSERT_EQ(last.page.rows.size(), 1U);
  EXPECT_EQ(last.page.rows[0].join_value, "S-a");
  EXPECT_EQ(last.page.rows[0].provider_id, "a");
}

TEST_F(PassmintSweepTest, CallsRedeemedWhatItsPolicyDoesNotAcceptAgain) {
  const std::vector<json> passes = {mint_pass("a", 0), mint_pass("b", 1), mint_pass("c", 3),
                                    mint_pass("d", 3, true)};
  const auto valid = PassState::valid;
  const auto redeemed = PassState::redeemed;
  const auto voided = PassState::voided;
  const std::vector<std::pair<json, std::vector<PassState>>> cases = {
      {{{"mode", "single_use"}}, {valid, redeemed, redeemed, voided}},
      {{{"mode", "count"}, {"max_uses", 3}}, {valid, valid, redeemed, voided}},
      {{{"mode", "count"}, {"maxUses", 3}}, {valid, valid, redeemed, voided}},
      {{{"mode", "reusable"}, {"maxUses", nullptr}}, {valid, valid, valid, voided}},
      {nullptr, {valid, valid, valid, voided}},
  };
  for (const auto& [policy, expected] : cases) {
    begin(policy);
    EXPECT_EQ(states(passes), expected) << policy.dump();
  }
}

TEST_F(PassmintSweepTest, LetsTheConfiguredMapDecideBeforeItsOwn) {
  auto config = mint_config();
  config.status_map = {{"redeemed", "valid"}, {"active", "not_yet_valid"}};
  provider = make_mint(config);
  begin({{"mode", "single_use"}});
  EXPECT_EQ(states({mint_pass("a"), mint_pass("b", 1), mint_pass("c", 1, true)}),
            (std::vector{PassState::not_yet_valid, PassState::valid, PassState::voided}));
}

TEST_F(PassmintSweepTest, TakesTimesFromWhereItIsToldAndDoubtsThoseItCannotRead) {
  auto config = mint_config();
  config.valid_from = "/metadata/from";
  config.valid_until = "/field_values/a~1b";
  provider = make_mint(config);
  begin();
  auto good = mint_pass("a");
  good["metadata"] = {{"from", "2026-11-20T08:00:00+01:00"}};
  good["field_values"] = {{"a/b", "2026-11-21T00:00:00Z"}};
  auto bad = good;
  bad["field_values"]["a/b"] = "tomorrow";
  const auto page = expect_is<LastPage>(take(mint_list({good, bad, mint_pass("c")}))).page;
  ASSERT_EQ(page.rows.size(), 3U);
  EXPECT_EQ(page.rows[0].valid_from, from_rfc3339("2026-11-20T07:00:00Z").value());
  EXPECT_EQ(page.rows[0].valid_until, from_rfc3339("2026-11-21T00:00:00Z").value());
  EXPECT_EQ(page.rows[1].state, PassState::unknown);
  EXPECT_EQ(page.rows[2].state, PassState::valid);
  EXPECT_EQ(page.unmapped, 1U);
}

TEST_F(PassmintSweepTest, GoesOnBehindItsCheckpointAsIfItHadNotStopped) {
  session->take(answer(200, mint_template({{"mode", "single_use"}}).dump(),
                       {{"date", "Fri, 20 Nov 2026 09:00:00 GMT"}}),
                kMintNow);
  const auto page = expect_is<PassPage>(take(mint_list({mint_pass("a"), mint_pass("b")}, true)));
  ASSERT_FALSE(page.checkpoint.empty());
  session = provider->sweep(kById, page.checkpoint);
  EXPECT_EQ(session->request().url,
            "https://api.example/v1/passes?template_id=tmpl_1&limit=2&starting_after=b");
  const auto last = expect_is<LastPage>(take(mint_list({mint_pass("c", 1)})));
  EXPECT_EQ(last.distinct, 3U);
  EXPECT_EQ(last.page.rows.at(0).state, PassState::redeemed);
  EXPECT_EQ(last.since, "2026-11-20T08:55:00Z");
}

TEST_F(PassmintSweepTest, BeginsAnewWithACheckpointThatIsNone) {
  const json half{{"after", "b"}, {"rows", 2}};
  for (const auto& text : {std::string("b"), std::string("{}"), half.dump(), std::string("[1")}) {
    EXPECT_EQ(provider->sweep(kById, text)->request().url,
              "https://api.example/v1/templates/tmpl_1")
        << text;
  }
}

TEST_F(PassmintSweepTest, TakesItsOwnClockWhereTheServerNamesNoDate) {
  begin();
  EXPECT_EQ(expect_is<LastPage>(take(mint_list({}))).since, "2026-11-20T09:55:00Z");
}

TEST_F(PassmintSweepTest, RefusesTheOldApiThatGivesTheSamePageForEver) {
  begin();
  const auto same = mint_list({mint_pass("a"), mint_pass("b")}, true);
  const auto page = expect_is<PassPage>(take(same));
  EXPECT_EQ(expect_is<Failure>(take(same)).error, Error(Errc::bad_reply));
  session = provider->sweep(kById, page.checkpoint);
  EXPECT_EQ(expect_is<Failure>(take(same)).error, Error(Errc::bad_reply));
}

TEST_F(PassmintSweepTest, RefusesWhatIsNotAPageOfThePassesOfItsTemplate) {
  const auto with = [](const char* at, const json& value) {
    auto changed = mint_list({mint_pass("a")});
    changed[json::json_pointer(at)] = value;
    return changed.dump();
  };
  const std::vector<std::string> bodies = {"",
                                           "null",
                                           "[]",
                                           "<html>",
                                           std::string(100'000, '['),
                                           R"({"data":[]})",
                                           with("/data", json::object()),
                                           with("/has_more", "false"),
                                           with("/data/0", 7),
                                           with("/data/0/id", 7),
                                           with("/data/0/id", ""),
                                           with("/data/0/id", std::string(257, 'x')),
                                           with("/data/0/voided", nullptr),
                                           with("/data/0/voided", "no"),
                                           with("/data/0/redeemed_count", -1),
                                           with("/data/0/redeemed_count", "1"),
                                           with("/data/0/template_id", "tmpl_2"),
                                           mint_list({}, true).dump()};
  for (const auto& body : bodies) {
    begin();
    const auto failure = expect_is<Failure>(session->take(answer(200, body), kMintNow));
    EXPECT_EQ(failure.error, Error(Errc::bad_reply)) << body.substr(0, 80);
    EXPECT_EQ(failure.remedy, Remedy::give_up);
  }
}

TEST_F(PassmintSweepTest, RefusesAPolicyWithoutItsLimit) {
  for (const json& policy : {json{{"mode", "count"}}, json{{"mode", "count"}, {"maxUses", -1}},
                             json{{"max_uses", 1}}, json("single_use")}) {
    session = provider->sweep(kById, "");
    EXPECT_EQ(expect_is<Failure>(take(mint_template(policy))).error, Error(Errc::bad_reply))
        << policy.dump();
  }
}

TEST_F(PassmintSweepTest, PausesWhenTheAccountIsRefused) {
  for (const int status : {401, 402, 403}) {
    const auto body = R"({"error":{"type":"billing_error","message":"pay"}})";
    EXPECT_EQ(expect_is<Failure>(session->take(answer(status, body), kMintNow)).remedy,
              Remedy::pause);
  }
}

TEST_F(PassmintSweepTest, CannotBeTalkedIntoAnotherPathByATemplateOrACursor) {
  EXPECT_EQ(provider->sweep({"../x?y", "id"}, "")->request().url,
            "https://api.example/v1/templates/..%2Fx%3Fy");
  begin();
  take(mint_list({mint_pass("a"), mint_pass("b&limit=0#")}, true));
  EXPECT_EQ(session->request().url,
            "https://api.example/v1/passes?template_id=tmpl_1&limit=2&starting_after="
            "b%26limit%3D0%23");
}

struct PassmintChangesTest : PassmintSweepTest {
  void begin_changes(const ProviderTemplate& of = kById) {
    session = provider->changes(of, "2026-11-20T09:00:00Z");
    ASSERT_NE(session, nullptr);
    expect_is<PassPage>(take(mint_template({{"mode", "single_use"}})));
  }
  static json event(std::string_view id, std::string_view pass) {
    return {{"object", "pass_event"}, {"id", id}, {"pass_id", pass}, {"type", "voided"}};
  }
};

TEST_F(PassmintChangesTest, AsksEveryPassThatAnEventNamesOnce) {
  begin_changes();
  EXPECT_EQ(session->request().url,
            "https://api.example/v1/events?since=2026-11-20T09%3A00%3A00Z&template_id=tmpl_1&"
            "limit=200");
  expect_is<PassPage>(take(mint_list({event("e9", "a"), event("e8", "b")}, true)));
  EXPECT_TRUE(session->request().url.ends_with("&starting_after=e8"));
  const json newer{
      {"id", "e7"}, {"type", "pass.redeemed"}, {"data", {{"object", {{"pass", {{"id", "a"}}}}}}}};
  const json other{{"id", "e6"}, {"type", "template.republished"}, {"data", json::object()}};
  expect_is<PassPage>(take(mint_list({newer, other})));
  EXPECT_EQ(session->request().url, "https://api.example/v1/passes/a");
  const auto page = expect_is<PassPage>(take(mint_pass("a", 1)));
  EXPECT_EQ(page.rows, (std::vector<MirrorRow>{{"a", "a", PassState::redeemed, {}, {}}}));
  EXPECT_EQ(session->request().url, "https://api.example/v1/passes/b");
  const auto last = expect_is<LastPage>(session->take(answer(404), kMintNow));
  EXPECT_EQ(last.page.rows, (std::vector<MirrorRow>{{"b", "b", PassState::voided, {}, {}}}));
  EXPECT_EQ(last.since, "2026-11-20T09:55:00Z");
}

TEST_F(PassmintChangesTest, EndsAtOnceWhenNothingHappened) {
  begin_changes();
  const auto last = expect_is<LastPage>(take(mint_list({})));
  EXPECT_TRUE(last.page.rows.empty());
  EXPECT_EQ(last.distinct, 0U);
}

TEST_F(PassmintChangesTest, LeavesOutPassesOfOtherTemplatesAndThoseItCannotName) {
  begin_changes({"tmpl_1", "serial"});
  expect_is<PassPage>(take(mint_list({event("e9", "a"), event("e8", "b")})));
  auto other = mint_pass("a");
  other["template_id"] = "tmpl_2";
  EXPECT_TRUE(expect_is<PassPage>(take(other)).rows.empty());
  EXPECT_TRUE(expect_is<LastPage>(session->take(answer(404), kMintNow)).page.rows.empty());
}

TEST_F(PassmintChangesTest, LeavesMoreThanTwentyThousandToAFullSweep) {
  begin_changes();
  SweepStep step = PassPage{};
  std::size_t number = 0;
  for (; std::holds_alternative<PassPage>(step) && number < 30'000;) {
    std::vector<json> events;
    for (int i = 0; i < 200; ++i, ++number) {
      events.push_back(event(fmt::format("e{}", number), fmt::format("p{}", number)));
    }
    step = take(mint_list(std::move(events), true));
  }
  const auto failure = expect_is<Failure>(step);
  EXPECT_EQ(failure.error, Error(Errc::too_large));
  EXPECT_EQ(failure.remedy, Remedy::give_up);
  EXPECT_EQ(number, 20'200U);
}

TEST_F(PassmintChangesTest, RefusesEventsThatDoNotSayWhichPassTheyAreAbout) {
  const std::vector<json> bodies = {mint_list({json{{"id", "e1"}, {"type", "pass.voided"}}}),
                                    mint_list({json{{"id", "e1"}, {"type", "voided"}}}),
                                    mint_list({json{{"pass_id", "a"}, {"type", "voided"}}}),
                                    mint_list({}, true), json::array()};
  for (const auto& body : bodies) {
    begin_changes();
    EXPECT_EQ(expect_is<Failure>(take(body)).error, Error(Errc::bad_reply)) << body.dump();
  }
  begin_changes();
  expect_is<PassPage>(take(mint_list({event("e1", "a")}, true)));
  EXPECT_EQ(expect_is<Failure>(take(mint_list({event("e1", "a")}, true))).error,
            Error(Errc::bad_reply));
}

TEST_F(PassmintChangesTest, RefusesAnotherPassThanTheOneItAskedFor) {
  begin_changes();
  expect_is<PassPage>(take(mint_list({event("e1", "a")})));
  EXPECT_EQ(expect_is<Failure>(take(mint_pass("b"))).error, Error(Errc::bad_reply));
}

TEST(PassmintLookUp, ReadsOnePassByItsIdAndNeverByItsSerialOnly) {
  const auto provider = make_mint(mint_config());
  EXPECT_EQ(provider->look_up(kById, {.id = "", .serial = "S-a", .code = ""}), nullptr);
  const auto session =
      provider->look_up({"tmpl_1", "serial"}, {.id = "a", .serial = "", .code = ""});
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(expect_is<HttpRequest>(session->start()).url,
            "https://api.example/v1/templates/tmpl_1");
  const auto next = session->take(ok(mint_template({{"mode", "single_use"}})), kMintNow);
  EXPECT_EQ(expect_is<HttpRequest>(next).url, "https://api.example/v1/passes/a");
  const auto row = expect_is<MirrorRow>(session->take(ok(mint_pass("a", 1)), kMintNow));
  EXPECT_EQ(row, (MirrorRow{"S-a", "a", PassState::redeemed, {}, {}}));
}

TEST(PassmintLookUp, CallsGoneWhatIsNotThereOrOfAnotherTemplate) {
  const auto provider = make_mint(mint_config());
  auto other = mint_pass("a");
  other["template_id"] = "tmpl_2";
  for (const auto& last : {answer(404), ok(other)}) {
    const auto session = provider->look_up(kById, {.id = "a", .serial = "", .code = ""});
    session->start();
    session->take(ok(mint_template()), kMintNow);
    expect_is<Gone>(session->take(last, kMintNow));
  }
}

}  // namespace
}  // namespace passgate::sync::test
