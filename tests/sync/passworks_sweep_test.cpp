// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tests/sync/passworks_kit.h"

namespace passgate::sync::test {
namespace {

using gate::PassState;
using nlohmann::json;

const ProviderTemplate kById{"coupons/c1", "id"};

std::string list_url(std::size_t page) {
  return fmt::format("{}/passes?page={}&per_page=2", kCampaign, page);
}

struct PassworksSweepTest : ::testing::Test {
  std::unique_ptr<Provider> provider = make_works(works_config());
  std::unique_ptr<SweepSession> session = provider->sweep(kById, "");

  SweepStep take(const HttpAnswer& answer) { return session->take(answer, kWorksNow); }
};

TEST_F(PassworksSweepTest, AsksForTheCampaignsPagesAsTheAccount) {
  const auto request = session->request();
  EXPECT_EQ(request.url, list_url(1));
  ASSERT_EQ(request.secret_headers.size(), 1U);
  EXPECT_EQ(request.secret_headers[0].name, "Authorization");
  EXPECT_EQ(request.secret_headers[0].scheme, "Basic ");
  EXPECT_EQ(text_of(request.secret_headers[0].value->expose()), "YWNjOmtleT8=");
}

TEST_F(PassworksSweepTest, ReadsPageAfterPageToTheLast) {
  const auto first =
      expect_is<PassPage>(take(works_page({works_pass("a"), works_pass("b")}, 2, 3)));
  EXPECT_EQ(first.rows, (std::vector<MirrorRow>{{"a", "a", PassState::valid, {}, {}},
                                                {"b", "b", PassState::valid, {}, {}}}));
  EXPECT_EQ(first.total, 3U);
  EXPECT_EQ(session->request().url, list_url(2));
  const auto last = expect_is<LastPage>(take(works_page({works_pass("c")}, 0, 3)));
  EXPECT_EQ(last.distinct, 3U);
  EXPECT_EQ(last.since, "2026-11-20T09:55:00Z");
}

TEST_F(PassworksSweepTest, EndsWithAnEmptyPageWhereNoHeaderCountsPages) {
  const auto bare = [](const std::vector<json>& passes) {
    return answer(200, json(passes).dump());
  };
  expect_is<PassPage>(take(bare({works_pass("a")})));
  EXPECT_EQ(session->request().url, list_url(2));
  expect_is<PassPage>(take(bare({works_pass("b")})));
  EXPECT_EQ(expect_is<LastPage>(take(bare({}))).distinct, 2U);
}

TEST_F(PassworksSweepTest, TellsUsedUpFromWithdrawnAndFromPartlyUsed) {
  auto other_spelling = works_pass("e", 0, true);
  other_spelling.erase("redeemed_count");
  other_spelling["redeem_count"] = 1;
  const auto last = expect_is<LastPage>(
      take(works_page({works_pass("a"), works_pass("b", 0, true), works_pass("c", 2),
                       works_pass("d", 1, true), other_spelling},
                      0, 5)));
  std::vector<PassState> states;
  for (const auto& row : last.page.rows) states.push_back(row.state);
  EXPECT_EQ(states, (std::vector{PassState::valid, PassState::voided, PassState::valid,
                                 PassState::redeemed, PassState::redeemed}));
}

TEST_F(PassworksSweepTest, LetsTheConfiguredMapDecideBeforeItsOwn) {
  auto config = works_config();
  config.status_map = {{"partly_redeemed", "redeemed"}, {"redeemed", "expired"}};
  provider = make_works(config);
  session = provider->sweep(kById, "");
  const auto last =
      expect_is<LastPage>(take(works_page({works_pass("a", 1), works_pass("b", 1, true)}, 0, 2)));
  EXPECT_EQ(last.page.rows.at(0).state, PassState::redeemed);
  EXPECT_EQ(last.page.rows.at(1).state, PassState::expired);
}

TEST_F(PassworksSweepTest, ReadsTheExpirationDateAndDoubtsOneItCannotRead) {
  auto dated = works_pass("a");
  dated["expiration_date"] = "2026-11-21T00:00:00+01:00";
  auto odd = works_pass("b");
  odd["expiration_date"] = 7;
  const auto page = expect_is<LastPage>(take(works_page({dated, odd}, 0, 2))).page;
  EXPECT_EQ(page.rows.at(0).valid_until, from_rfc3339("2026-11-20T23:00:00Z").value());
  EXPECT_EQ(page.rows.at(1).state, PassState::unknown);
  EXPECT_EQ(page.unmapped, 1U);
}

TEST_F(PassworksSweepTest, JoinsByCodeAndLeavesOutWhoHasNone) {
  session = provider->sweep({"coupons/c1", "code"}, "");
  auto without = works_pass("b");
  without.erase("redeem_code");
  const auto last = expect_is<LastPage>(take(works_page({works_pass("a"), without}, 0, 2)));
  EXPECT_EQ(last.page.rows, (std::vector<MirrorRow>{{"R-a", "a", PassState::valid, {}, {}}}));
  EXPECT_EQ(last.page.unmapped, 1U);
  EXPECT_EQ(last.distinct, 1U);
}

TEST_F(PassworksSweepTest, GoesOnBehindItsCheckpointAsIfItHadNotStopped) {
  auto first = works_page({works_pass("a"), works_pass("b")}, 2, 3);
  first.headers.emplace_back("date", "Fri, 20 Nov 2026 09:00:00 GMT");
  const auto page = expect_is<PassPage>(take(first));
  session = provider->sweep(kById, page.checkpoint);
  EXPECT_EQ(session->request().url, list_url(2));
  const auto last = expect_is<LastPage>(take(works_page({works_pass("c")}, 0, 3)));
  EXPECT_EQ(last.distinct, 3U);
  EXPECT_EQ(last.since, "2026-11-20T08:55:00Z");

  session = provider->sweep(kById, page.checkpoint);
  expect_is<StartOver>(take(works_page({works_pass("c")}, 0, 4)));
}

TEST_F(PassworksSweepTest, BeginsAnewWithACheckpointThatIsNoneOrOfPagesOfAnotherSize) {
  const auto page = expect_is<PassPage>(take(works_page({works_pass("a"), works_pass("b")}, 2, 3)));
  auto other = works_config();
  other.page_size = 50;
  EXPECT_EQ(make_works(other)->sweep(kById, page.checkpoint)->request().url,
            fmt::format("{}/passes?page=1&per_page=50", kCampaign));
  for (const auto* text : {"2", "{}", R"({"page":2})", "[[["}) {
    EXPECT_EQ(provider->sweep(kById, text)->request().url, list_url(1)) << text;
  }
}

TEST_F(PassworksSweepTest, StartsOverWhenTheTotalChangesAndGivesUpAfterThreeTimes) {
  for (int i = 0; i < 3; ++i) {
    expect_is<PassPage>(take(works_page({works_pass("a"), works_pass("b")}, 2, 3)));
    expect_is<StartOver>(take(works_page({works_pass("c")}, 3, 4)));
    EXPECT_EQ(session->request().url, list_url(1));
  }
  expect_is<PassPage>(take(works_page({works_pass("a"), works_pass("b")}, 2, 3)));
  EXPECT_EQ(expect_is<Failure>(take(works_page({works_pass("c")}, 3, 4))).error,
            Error(Errc::bad_reply));
}

TEST_F(PassworksSweepTest, StartsOverWhenFewerPassesCameThanThereAre) {
  expect_is<StartOver>(take(works_page({works_pass("a")}, 0, 2)));
  session = provider->sweep(kById, "");
  expect_is<StartOver>(
      take(answer(200, json::array({works_pass("a")}).dump(), {{"x-total", "60"}})));
}

TEST_F(PassworksSweepTest, RefusesTheSamePageForEver) {
  const std::vector<json> same = {works_pass("a"), works_pass("b")};
  const auto page = expect_is<PassPage>(take(works_page(same, 2, 9)));
  EXPECT_EQ(expect_is<Failure>(take(works_page(same, 3, 9))).error, Error(Errc::bad_reply));
  session = provider->sweep(kById, page.checkpoint);
  EXPECT_EQ(expect_is<Failure>(take(works_page(same, 3, 9))).error, Error(Errc::bad_reply));
  session = provider->sweep(kById, "");
  EXPECT_EQ(expect_is<Failure>(take(works_page(same, 1, 9))).error, Error(Errc::bad_reply));
}

TEST_F(PassworksSweepTest, RefusesWhatIsNotAPageOfPasses) {
  const auto with = [](const char* at, const json& value) {
    json changed = json::array({works_pass("a")});
    changed[json::json_pointer(at)] = value;
    return changed.dump();
  };
  const std::vector<std::string> bodies = {"",
                                           "null",
                                           "{}",
                                           "<html>",
                                           std::string(100'000, '['),
                                           R"({"errors":["x"]})",
                                           with("/0", "a"),
                                           with("/0/id", 7),
                                           with("/0/id", ""),
                                           with("/0/id", std::string(257, 'x')),
                                           with("/0/voided", nullptr),
                                           with("/0/voided", 1),
                                           with("/0/redeemed_count", -1),
                                           with("/0/redeem_count", "1")};
  for (const auto& body : bodies) {
    session = provider->sweep(kById, "");
    const auto failure = expect_is<Failure>(take(answer(200, body, {{"x-total", "1"}})));
    EXPECT_EQ(failure.error, Error(Errc::bad_reply)) << body.substr(0, 60);
    EXPECT_EQ(failure.remedy, Remedy::give_up);
  }
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"x-total", "many"},
                                                        {"x-total", "-1"},
                                                        {"x-total", "10000001"},
                                                        {"x-next-page", "two"},
                                                        {"x-next-page", "-2"},
                                                        {"x-next-page", "99"}}) {
    session = provider->sweep(kById, "");
    const auto body = json::array({works_pass("a")}).dump();
    EXPECT_EQ(expect_is<Failure>(take(answer(200, body, {{name, value}}))).error,
              Error(Errc::bad_reply))
        << name << " " << value;
  }
  session = provider->sweep({"coupons/c1", "serial"}, "");
  auto nameless = works_pass("a");
  nameless.erase("serial_number");
  EXPECT_EQ(expect_is<Failure>(take(works_page({nameless}, 0, 1))).error, Error(Errc::bad_reply));
}

TEST_F(PassworksSweepTest, TakesItsStatusesAsTheyAreMeant) {
  const std::vector<std::tuple<int, Remedy, Errc>> cases = {
      {401, Remedy::pause, Errc::rejected},     {403, Remedy::pause, Errc::rejected},
      {404, Remedy::give_up, Errc::rejected},   {412, Remedy::give_up, Errc::rejected},
      {420, Remedy::retry, Errc::rate_limited}, {429, Remedy::retry, Errc::rate_limited},
      {503, Remedy::retry, Errc::rejected}};
  for (const auto& [status, remedy, code] : cases) {
    const auto failure = expect_is<Failure>(take(answer(status, R"({"errors":["no"]})")));
    EXPECT_EQ(failure.remedy, remedy) << status;
    EXPECT_EQ(failure.error, Error(code, status));
  }
}

TEST_F(PassworksSweepTest, CannotBeTalkedIntoAnotherPathByACampaign) {
  EXPECT_EQ(provider->sweep({"coupons/../assets?x", "id"}, "")->request().url,
            "https://api.example/v2/coupons/..%2Fassets%3Fx/passes?page=1&per_page=2");
}

struct PassworksChangesTest : PassworksSweepTest {
  PassworksChangesTest() { session = provider->changes(kById, "2026-11-20T09:00:00Z"); }
};

TEST_F(PassworksChangesTest, AsksForWhatWasUpdatedSinceThenAndEnds) {
  EXPECT_EQ(session->request().url, list_url(1) +
                                        "&q%5Bupdated_at_gteq%5D=2026-11-20T09%3A00%3A00Z"
                                        "&q%5Bs%5D=updated_at+asc");
  const auto page = expect_is<PassPage>(take(works_page({works_pass("a", 1, true)}, 2, 2)));
  EXPECT_EQ(page.rows, (std::vector<MirrorRow>{{"a", "a", PassState::redeemed, {}, {}}}));
  const auto last = expect_is<LastPage>(take(works_page({works_pass("b")}, 0, 3)));
  EXPECT_EQ(last.page.rows.size(), 1U);
  EXPECT_EQ(last.distinct, 0U);
  EXPECT_EQ(last.since, "2026-11-20T09:55:00Z");
}

TEST_F(PassworksChangesTest, LeavesItToAFullSweepWhenTheFilterWasIgnored) {
  auto early = works_pass("a");
  early["updated_at"] = "2026-11-20T08:59:59Z";
  auto none = works_pass("a");
  none.erase("updated_at");
  auto odd = works_pass("a");
  odd["updated_at"] = "yesterday";
  for (const auto& pass : {early, none, odd}) {
    session = provider->changes(kById, "2026-11-20T09:00:00Z");
    const auto failure = expect_is<Failure>(take(works_page({pass}, 0, 1)));
    EXPECT_EQ(failure.error, Error(Errc::bad_reply));
    EXPECT_EQ(failure.remedy, Remedy::give_up);
  }
}

TEST_F(PassworksChangesTest, ReadsAgainWhenAPassMovedToTheEndMeanwhile) {
  for (int i = 0; i < 3; ++i) {
    expect_is<PassPage>(take(works_page({works_pass("a"), works_pass("b")}, 2, 3)));
    expect_is<PassPage>(take(works_page({works_pass("a", 1)}, 0, 3)));
    EXPECT_TRUE(session->request().url.starts_with(list_url(1)));
  }
  expect_is<PassPage>(take(works_page({works_pass("a"), works_pass("b")}, 2, 3)));
  EXPECT_EQ(expect_is<Failure>(take(works_page({works_pass("a", 1)}, 0, 3))).error,
            Error(Errc::bad_reply));
}

TEST_F(PassworksChangesTest, LeavesMoreThanTwentyThousandToAFullSweep) {
  SweepStep step = PassPage{};
  std::size_t number = 0;
  for (std::size_t page = 1; std::holds_alternative<PassPage>(step) && page < 500; ++page) {
    std::vector<json> passes;
    for (int i = 0; i < 100; ++i) passes.push_back(works_pass(fmt::format("p{}", number++)));
    step = take(works_page(passes, page + 1, 50'000));
  }
  EXPECT_EQ(expect_is<Failure>(step).error, Error(Errc::too_large));
  EXPECT_EQ(number, 20'100U);
}

TEST(PassworksChanges, CannotBeAskedWithoutATime) {
  EXPECT_EQ(make_works(works_config())->changes(kById, ""), nullptr);
}

TEST(PassworksLookUp, ReadsOnePassByItsId) {
  const auto provider = make_works(works_config());
  const auto session = provider->look_up(kById, {.id = "a/b", .serial = "", .code = ""});
  EXPECT_EQ(expect_is<HttpRequest>(session->start()).url, std::string(kCampaign) + "/passes/a%2Fb");
  const auto row = expect_is<MirrorRow>(
      session->take(answer(200, works_pass("a/b", 0, true).dump()), kWorksNow));
  EXPECT_EQ(row.state, PassState::voided);
}

TEST(PassworksLookUp, FindsAPassByItsCodeInAnyShapeOfAnswer) {
  const auto provider = make_works(works_config());
  const std::vector<json> shapes = {{{"id", "a"}},
                                    {{"pass_id", "a"}, {"id", "other"}},
                                    {{"pass", {{"id", "a"}}}, {"id", "other"}}};
  for (const auto& shape : shapes) {
    const auto session =
        provider->look_up({"coupons/c1", "code"}, {.id = "", .serial = "", .code = "R-a?"});
    EXPECT_EQ(expect_is<HttpRequest>(session->start()).url,
              std::string(kCampaign) + "/redeem/R-a%3F");
    const auto next = session->take(answer(200, shape.dump()), kWorksNow);
    EXPECT_EQ(expect_is<HttpRequest>(next).url, std::string(kCampaign) + "/passes/a");
    const auto row =
        expect_is<MirrorRow>(session->take(answer(200, works_pass("a").dump()), kWorksNow));
    EXPECT_EQ(row.join_value, "R-a");
  }
}

TEST(PassworksLookUp, KnowsWhatIsGoneAndWhatItCannotAskFor) {
  const auto provider = make_works(works_config());
  EXPECT_EQ(provider->look_up(kById, {.id = "", .serial = "S-a", .code = ""}), nullptr);
  for (const PassNames& names : {PassNames{.id = "a", .serial = "", .code = ""},
                                 PassNames{.id = "", .serial = "", .code = "R-a"}}) {
    auto session = provider->look_up(kById, names);
    session->start();
    expect_is<Gone>(session->take(answer(404), kWorksNow));
    for (const auto* body : {"", "[]", "{}", R"({"id":7})"}) {
      session = provider->look_up(kById, names);
      session->start();
      EXPECT_EQ(expect_is<Failure>(session->take(answer(200, body), kWorksNow)).error,
                Error(Errc::bad_reply));
    }
  }
}

}  // namespace
}  // namespace passgate::sync::test
