// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/passworks_kit.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;

constexpr std::string_view kMarker = "scan:019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11";

RedemptionOrder order(std::string join = "id") {
  return {.tap_id = example_tap().tap_id,
          .at = example_tap().at,
          .terminal = "gate-a1",
          .reader = "north-1",
          .wallet = "",
          .pass_template = "coupons/c1",
          .pass_id = join == "id" ? "a" : "R-a",
          .object_id = "",
          .join = std::move(join),
          .provider_id = ""};
}

std::string url(std::string_view below) {
  return std::string(kCampaign) + "/" + std::string(below);
}

HttpAnswer log_page(const std::vector<std::string>& comments, std::size_t next = 0) {
  json entries = json::array();
  for (const auto& comment : comments) entries.push_back({{"x", {{"comment", comment}}}});
  return answer(200, entries.dump(), {{"x-next-page", next == 0 ? "" : std::to_string(next)}});
}

HttpAnswer refusal(int status = 412) {
  return answer(status, R"({"errors":{"base":"cannot be redeemed"}})");
}

/// One session after the other for one order; what the outbox would remember.
struct PassworksRedeemTest : ::testing::Test {
  runtime::ProviderConfig config = works_config();
  std::unique_ptr<Provider> provider;
  std::unique_ptr<RedeemSession> session;
  std::string memo;
  bool undoing = false;

  RedeemStep noted(RedeemStep step) {
    if (const auto* send = std::get_if<Send>(&step); send != nullptr && send->memo) {
      memo = *send->memo;
    }
    return step;
  }
  RedeemStep start(const RedemptionOrder& of = order()) {
    provider = make_works(config);
    session = undoing ? provider->undo(of, memo) : provider->redeem(of, memo);
    return noted(session->start());
  }
  RedeemStep take(const Result<HttpAnswer>& answer) {
    return noted(session->take(answer, kWorksNow));
  }
  HttpRequest request(const RedeemStep& step) { return expect_is<Send>(step).request; }
  HttpAnswer pass(unsigned uses, bool voided = false, const json& at = nullptr) {
    auto body = works_pass("a", uses, voided);
    body["redeemed_at"] = at;
    return answer(200, body.dump());
  }
};

TEST_F(PassworksRedeemTest, RedeemsByIdWithTheTapInTheComment) {
  const auto step = start();
  const auto post = request(step);
  EXPECT_EQ(post.method, "POST");
  EXPECT_EQ(post.url, url("passes/a/redeem"));
  EXPECT_EQ(
      json::parse(post.body),
      (json{{"pass",
             {{"comment", std::string(kMarker) + " gate:gate-a1 at:2026-11-20T19:04:11Z"}}}}));
  EXPECT_FALSE(memo.empty());
  EXPECT_TRUE(expect_is<Recorded>(take(answer(201, "<what?>"))).certain);
}

TEST_F(PassworksRedeemTest, RedeemsByCodeOnceItKnowsTheId) {
  EXPECT_EQ(request(start(order("code"))).url, url("redeem/R-a"));
  EXPECT_TRUE(memo.empty());
  const auto post = request(take(answer(200, R"({"pass":{"id":"a"}})")));
  EXPECT_EQ(post.url, url("redeem"));
  EXPECT_EQ(json::parse(post.body)["pass"]["redeem_code"], "R-a");
  EXPECT_TRUE(json::parse(post.body)["pass"]["comment"].get<std::string>().starts_with(kMarker));
  auto known = order("code");
  known.provider_id = "a";
  memo.clear();
  EXPECT_EQ(request(start(known)).url, url("redeem"));
}

TEST_F(PassworksRedeemTest, WaitsForTheListOrGivesUpWhenNobodyKnowsThePass) {
  EXPECT_EQ(expect_is<Failure>(start(order("serial"))).remedy, Remedy::wait);
  start(order("code"));
  EXPECT_EQ(expect_is<Failure>(take(answer(404))).remedy, Remedy::give_up);
  start(order("code"));
  EXPECT_EQ(expect_is<Failure>(take(answer(200, "{}"))).error, Error(Errc::bad_reply));
  EXPECT_TRUE(memo.empty());
}

TEST_F(PassworksRedeemTest, CannotBeTalkedIntoAnotherPathByAPassOrACode) {
  auto hostile = order();
  hostile.pass_id = "../../templates?x";
  EXPECT_EQ(request(start(hostile)).url, url("passes/..%2F..%2Ftemplates%3Fx/redeem"));
  hostile.join = "code";
  memo.clear();
  EXPECT_EQ(request(start(hostile)).url, url("redeem/..%2F..%2Ftemplates%3Fx"));
}

TEST_F(PassworksRedeemTest, FindsALostRedemptionInTheLogAndDoesNotRedeemAgain) {
  start();
  EXPECT_EQ(expect_is<Failure>(take(fail(Errc::deadline_exceeded))).remedy, Remedy::retry);
  EXPECT_EQ(request(start()).url, url("passes/a/redeems?page=1&per_page=50"));
  EXPECT_EQ(request(take(log_page({"scan:other"}, 2))).url,
            url("passes/a/redeems?page=2&per_page=50"));
  EXPECT_TRUE(
      expect_is<Recorded>(take(log_page({std::string(kMarker) + " gate:gate-a1"}))).certain);
}

TEST_F(PassworksRedeemTest, RedeemsAgainWhenTheLogDoesNotHaveIt) {
  for (const auto status : {500, 503, 408}) {
    memo.clear();
    start();
    EXPECT_EQ(expect_is<Failure>(take(answer(status))).remedy, Remedy::retry);
    start();
    EXPECT_EQ(request(take(log_page({"scan:other"}))).url, url("passes/a/redeem"));
    expect_is<Recorded>(take(answer(200)));
  }
}

TEST_F(PassworksRedeemTest, ReadsBeforeItRedeemsWhenACrashCameBetweenMemoAndRequest) {
  memo = "sent";
  EXPECT_EQ(request(start()).method, "GET");
  EXPECT_EQ(request(take(log_page({}))).method, "POST");
}

TEST_F(PassworksRedeemTest, LeavesItOpenWhereThereIsNoLog) {
  const std::vector<Result<HttpAnswer>> unreadable = {answer(404),
                                                      answer(405),
                                                      fail(Errc::too_large),
                                                      answer(200, "<html>"),
                                                      answer(200, "[{}]", {{"x-next-page", "x"}}),
                                                      answer(200, "[{}]", {{"x-next-page", "7"}})};
  for (const auto& said : unreadable) {
    memo = "sent";
    start();
    EXPECT_FALSE(expect_is<Recorded>(take(said)).certain);
  }
}

TEST_F(PassworksRedeemTest, ReadsTwentyPagesOfALogAndNotMore) {
  memo = "sent";
  auto step = start();
  int pages = 0;
  for (; std::holds_alternative<Send>(step) && pages < 50; ++pages) {
    const auto number = static_cast<std::size_t>(pages) + 1;
    step = take(log_page({"scan:other" + std::to_string(pages)}, number + 1));
  }
  EXPECT_EQ(pages, 20);
  EXPECT_FALSE(expect_is<Recorded>(step).certain);
}

TEST_F(PassworksRedeemTest, EndsALogWithoutHeadersAtAnEmptyOrRepeatedPage) {
  for (const auto* end : {"[]", R"([{"comment":"scan:other"}])"}) {
    memo = "sent";
    start();
    EXPECT_EQ(request(take(answer(200, R"([{"comment":"scan:other"}])"))).method, "GET");
    EXPECT_EQ(request(take(answer(200, end))).method, "POST") << end;
  }
}

TEST_F(PassworksRedeemTest, AsksTheLogWhoseRedemptionARefusalIsAbout) {
  for (const int status : {400, 404, 405, 412, 422}) {
    memo.clear();
    start();
    EXPECT_EQ(request(take(refusal(status))).url, url("passes/a/redeems?page=1&per_page=50"));
    expect_is<Recorded>(take(log_page({std::string(kMarker)})));
    for (const auto& log : {log_page({"scan:other"}), answer(404)}) {
      memo.clear();
      start();
      take(refusal(status));
      const auto failure = expect_is<Failure>(take(log));
      EXPECT_EQ(failure.remedy, Remedy::give_up);
      EXPECT_EQ(failure.error, Error(Errc::rejected, status));
    }
  }
}

TEST_F(PassworksRedeemTest, TellsARefusedAccountFromARefusedUse) {
  const std::vector<std::pair<int, Remedy>> cases = {{401, Remedy::pause}, {402, Remedy::pause},
                                                     {403, Remedy::pause}, {420, Remedy::retry},
                                                     {429, Remedy::retry}, {302, Remedy::give_up}};
  for (const auto& [status, remedy] : cases) {
    memo.clear();
    start();
    EXPECT_EQ(expect_is<Failure>(take(answer(status))).remedy, remedy) << status;
  }
}

struct PassworksCountTest : PassworksRedeemTest {
  PassworksCountTest() { config.redeem.confirm = "count"; }
  void lose(unsigned uses, const json& at = nullptr) {
    memo.clear();
    start();
    take(pass(uses, false, at));
    expect_is<Failure>(take(fail(Errc::unreachable)));
  }
};

TEST_F(PassworksCountTest, NotesTheCountBeforeItRedeems) {
  EXPECT_EQ(request(start()).url, url("passes/a"));
  EXPECT_TRUE(memo.empty());
  EXPECT_EQ(request(take(pass(1, false, "2026-11-19T10:00:00Z"))).url, url("passes/a/redeem"));
  EXPECT_EQ(json::parse(memo), (json{{"count", 1}, {"at", "2026-11-19T10:00:00Z"}}));
  expect_is<Recorded>(take(answer(200)));
}

TEST_F(PassworksCountTest, KnowsALostRedemptionByTheCountThatHasGrown) {
  lose(1);
  EXPECT_EQ(request(start()).method, "GET");
  EXPECT_TRUE(expect_is<Recorded>(take(pass(2, true))).certain);
}

TEST_F(PassworksCountTest, RedeemsAgainWhenTheCountIsWhatItWas) {
  lose(1, "2026-11-19T10:00:00Z");
  start();
  EXPECT_EQ(request(take(pass(1, false, "2026-11-19T10:00:00Z"))).method, "POST");
}

TEST_F(PassworksCountTest, LeavesItOpenWhenThePassWasResetAndRedeemedMeanwhile) {
  lose(1, "2026-11-19T10:00:00Z");
  start();
  EXPECT_FALSE(expect_is<Recorded>(take(pass(1, false, "2026-11-20T10:00:00Z"))).certain);
}

TEST_F(PassworksCountTest, DecidesARefusalByTheCount) {
  for (const bool grown : {true, false}) {
    memo.clear();
    start();
    take(pass(0));
    EXPECT_EQ(request(take(refusal())).url, url("passes/a"));
    const auto step = take(pass(grown ? 1 : 0, true));
    if (grown) {
      expect_is<Recorded>(step);
    } else {
      EXPECT_EQ(expect_is<Failure>(step).error, Error(Errc::rejected, 412));
    }
  }
}

TEST_F(PassworksCountTest, LeavesItOpenWhenTheMemoHasNoCount) {
  for (const auto* text : {"sent", "{}", R"({"count":-1,"at":""})", "[[["}) {
    memo = text;
    EXPECT_FALSE(expect_is<Recorded>(start()).certain) << text;
  }
}

TEST_F(PassworksCountTest, SendsNothingForAPassItCannotRead) {
  for (const auto& body : {std::string("[]"), std::string("<html>"), works_pass("b").dump()}) {
    start();
    EXPECT_EQ(expect_is<Failure>(take(answer(200, body))).error, Error(Errc::bad_reply)) << body;
  }
}

struct PassworksUndoTest : PassworksRedeemTest {
  PassworksUndoTest() { undoing = true; }
};

TEST_F(PassworksUndoTest, ResetsThePassOnceItHasNotedTheCount) {
  EXPECT_EQ(request(start()).url, url("passes/a"));
  const auto post = request(take(pass(1, true)));
  EXPECT_EQ(post.method, "POST");
  EXPECT_EQ(post.url, url("passes/a/reset_redeem"));
  EXPECT_EQ(json::parse(memo)["count"], 1);
  expect_is<Recorded>(take(answer(200)));
}

TEST_F(PassworksUndoTest, KnowsALostResetByTheCountThatHasFallen) {
  start();
  take(pass(2, true));
  expect_is<Failure>(take(fail(Errc::deadline_exceeded)));
  start();
  expect_is<Recorded>(take(pass(1)));
  start();
  EXPECT_EQ(request(take(pass(2, true))).url, url("passes/a/reset_redeem"));
}

TEST_F(PassworksUndoTest, LeavesItToAPersonWhereOtherUsesWouldGoToo) {
  auto careful = order();
  careful.this_use_only = true;
  start(careful);
  const auto refused = expect_is<Failure>(take(pass(2, true)));
  EXPECT_EQ(refused.error, Error(Errc::not_offered));
  EXPECT_EQ(refused.remedy, Remedy::give_up);
  start(careful);
  EXPECT_EQ(request(take(pass(1, true))).url, url("passes/a/reset_redeem"));
}

TEST_F(PassworksUndoTest, HasNothingToTakeBackFromAnUnusedPass) {
  start();
  expect_is<Recorded>(take(pass(0)));
  EXPECT_TRUE(memo.empty());
}

TEST_F(PassworksUndoTest, DecidesARefusalByTheCount) {
  start();
  take(pass(1, true));
  take(refusal(404));
  EXPECT_EQ(expect_is<Failure>(take(pass(1, true))).error, Error(Errc::rejected, 404));
}

TEST(MakePassworks, KnowsItsModesAndNamesWhatItDoesNotKnow) {
  auto config = works_config();
  EXPECT_TRUE(make_works(config)->redeems());
  config.redeem.mode = "none";
  EXPECT_FALSE(make_works(config)->redeems());
  EXPECT_EQ(make_works(config)->undo(order(), ""), nullptr);
  config.redeem.mode = "scan";
  EXPECT_EQ(make_passworks(config, {}).error(), "redeem: mode 'scan' is not one of redeem, none");
  config.redeem.mode = "redeem";
  config.redeem.confirm = "hope";
  EXPECT_EQ(make_passworks(config, {}).error(),
            "redeem: confirm 'hope' is not one of redeems, count");
}

}  // namespace
}  // namespace passgate::sync::test
