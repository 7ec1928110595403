// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/passmint_kit.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;

RedemptionOrder order() {
  return {.tap_id = example_tap().tap_id,
          .at = example_tap().at,
          .terminal = "gate-a1",
          .reader = "north-1",
          .wallet = "",
          .pass_template = "tmpl_1",
          .pass_id = "S-a",
          .object_id = "",
          .join = "serial",
          .provider_id = "a"};
}

std::string header(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return "";
}

HttpAnswer refusal(int status, std::string_view type) {
  return answer(status, json{{"error", {{"type", type}, {"message", "no"}}}}.dump());
}

json entry(std::string_view id, std::string_view decision = "accepted",
           std::string_view scanner = "gate-a1") {
  return {{"id", id}, {"object", "redemption"}, {"decision", decision}, {"scanner_name", scanner}};
}

json decided(std::string_view decision, const json& reason = nullptr) {
  return {{"object", "scan"}, {"decision", decision}, {"reason", reason}};
}

/// One session after the other for one order; what the outbox would remember.
struct PassmintRedeemTest : ::testing::Test {
  runtime::ProviderConfig config = mint_config("patch");
  std::unique_ptr<Provider> provider;
  std::unique_ptr<RedeemSession> session;
  std::string memo;

  RedeemStep noted(RedeemStep step) {
    if (const auto* send = std::get_if<Send>(&step); send != nullptr && send->memo) {
      memo = *send->memo;
    }
    return step;
  }
  RedeemStep start(const RedemptionOrder& of = order()) {
    provider = make_mint(config);
    session = provider->redeem(of, memo);
    return noted(session->start());
  }
  RedeemStep take(const Result<HttpAnswer>& answer) {
    return noted(session->take(answer, kMintNow));
  }
  HttpRequest request(const RedeemStep& step) { return expect_is<Send>(step).request; }
};

TEST_F(PassmintRedeemTest, PatchesMetadataAndFieldsOverWhatThePassHas) {
  config.redeem.fields = {{"status", "used {time}"}};
  EXPECT_EQ(request(start()).url, "https://api.example/v1/passes/a");
  auto pass = mint_pass("a");
  pass["metadata"] = {{"order_id", "ord_1"}, {"gate", "old"}};
  const auto patch = request(take(ok(pass)));
  EXPECT_EQ(patch.method, "PATCH");
  EXPECT_EQ(patch.url, "https://api.example/v1/passes/a");
  EXPECT_EQ(header(patch, "Idempotency-Key"), kMintTap);
  EXPECT_EQ(json::parse(patch.body),
            (json{{"metadata",
                   {{"order_id", "ord_1"},
                    {"last_scan_id", kMintTap},
                    {"redeemed_at", "2026-11-20T19:04:11Z"},
                    {"gate", "gate-a1"}}},
                  {"field_values", {{"seat", "A12"}, {"status", "used 2026-11-20T19:04:11Z"}}}}));
  EXPECT_TRUE(expect_is<Recorded>(take(ok(pass))).certain);
  EXPECT_TRUE(memo.empty());
}

TEST_F(PassmintRedeemTest, LeavesTheFieldsAloneWhenNoneIsConfigured) {
  start();
  EXPECT_FALSE(json::parse(request(take(ok(mint_pass("a")))).body).contains("field_values"));
}

TEST_F(PassmintRedeemTest, DoesNotPatchAPassThatAlreadyNamesTheTap) {
  start();
  expect_is<Send>(take(ok(mint_pass("a"))));
  EXPECT_EQ(expect_is<Failure>(take(fail(Errc::deadline_exceeded))).remedy, Remedy::retry);
  start();
  auto pass = mint_pass("a");
  pass["metadata"] = {{"last_scan_id", kMintTap}};
  expect_is<Recorded>(take(ok(pass)));
}

TEST_F(PassmintRedeemTest, TakesAnotherKeyWhenThePassChangedBetweenTwoTries) {
  start();
  const auto first = header(request(take(ok(mint_pass("a")))), "Idempotency-Key");
  std::vector<std::string> keys{first};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(request(take(refusal(409, "idempotency_error"))).method, "GET");
    keys.push_back(header(request(take(ok(mint_pass("a")))), "Idempotency-Key"));
  }
  EXPECT_EQ(keys,
            (std::vector<std::string>{std::string(kMintTap), "019a9c3e-7b1f-8a52-9b0e-2f6f1c0d4e10",
                                      "019a9c3e-7b1f-8a52-9b0e-2f6f1c0d4e13"}));
  EXPECT_EQ(expect_is<Failure>(take(refusal(409, "idempotency_error"))).remedy, Remedy::retry);
}

TEST_F(PassmintRedeemTest, FindsItsOwnEarlierTryBehindARefusedKey) {
  start();
  take(ok(mint_pass("a")));
  take(refusal(409, "idempotency_error"));
  auto pass = mint_pass("a");
  pass["metadata"] = {{"last_scan_id", kMintTap}};
  expect_is<Recorded>(take(ok(pass)));
}

TEST_F(PassmintRedeemTest, GivesUpAPatchOfAVoidedPassAndPausesForTheBill) {
  const std::vector<std::tuple<HttpAnswer, Remedy, Errc>> cases = {
      {refusal(400, "invalid_request_error"), Remedy::give_up, Errc::rejected},
      {refusal(409, "invalid_request_error"), Remedy::give_up, Errc::rejected},
      {answer(409, "<html>"), Remedy::give_up, Errc::rejected},
      {refusal(404, "not_found_error"), Remedy::give_up, Errc::rejected},
      {refusal(402, "billing_error"), Remedy::pause, Errc::rejected},
      {refusal(429, "rate_limit_error"), Remedy::retry, Errc::rate_limited},
      {refusal(500, "api_error"), Remedy::retry, Errc::rejected}};
  for (const auto& [refused, remedy, code] : cases) {
    start();
    take(ok(mint_pass("a", 0, true)));
    const auto failure = expect_is<Failure>(take(refused));
    EXPECT_EQ(failure.remedy, remedy) << refused.status;
    EXPECT_EQ(failure.error, Error(code, refused.status));
  }
}

TEST_F(PassmintRedeemTest, WritesNothingOverAPassItCannotRead) {
  auto odd = mint_pass("a");
  odd["metadata"] = "text";
  for (const auto& body : {std::string("[]"), std::string("{"), odd.dump()}) {
    start();
    EXPECT_EQ(expect_is<Failure>(take(answer(200, body))).error, Error(Errc::bad_reply)) << body;
  }
}

TEST_F(PassmintRedeemTest, NeedsAnIdAndTakesThePassesOwnWhereThatIsOne) {
  auto of = order();
  of.provider_id.clear();
  for (const auto* mode : {"patch", "scan", "both"}) {
    config.redeem.mode = mode;
    const auto failure = expect_is<Failure>(start(of));
    EXPECT_EQ(failure.remedy, Remedy::wait) << "for the list";
    EXPECT_EQ(failure.error, Error(Errc::not_listed));
  }
  of.join = "id";
  of.pass_id = "../templates/x?";
  config.redeem.mode = "patch";
  EXPECT_EQ(request(start(of)).url, "https://api.example/v1/passes/..%2Ftemplates%2Fx%3F");
}

TEST_F(PassmintRedeemTest, CopiesNoPassThatNestsBeyondReason) {
  start();
  constexpr std::size_t kDepth = 100'000;
  const auto step = take(answer(
      200, R"({"metadata":{"x":)" + std::string(kDepth, '[') + std::string(kDepth, ']') + "}}"));
  EXPECT_TRUE(std::holds_alternative<Failure>(step));
}

TEST_F(PassmintRedeemTest, WritesTheUndoFieldsToTakeAPatchBack) {
  EXPECT_EQ(make_mint(config)->undo(order(), ""), nullptr);
  config.redeem.undo_fields = {{"status", ""}};
  provider = make_mint(config);
  session = provider->undo(order(), "");
  ASSERT_NE(session, nullptr);
  session->start();
  const auto patch = request(take(ok(mint_pass("a"))));
  EXPECT_EQ(json::parse(patch.body), (json{{"field_values", {{"seat", "A12"}, {"status", ""}}}}));
  EXPECT_NE(header(patch, "Idempotency-Key"), kMintTap);
  expect_is<Recorded>(take(ok(mint_pass("a"))));
  for (const auto* mode : {"scan", "both", "none"}) {
    config.redeem.mode = mode;
    EXPECT_EQ(make_mint(config)->undo(order(), ""), nullptr);
  }
}

struct PassmintScanTest : PassmintRedeemTest {
  PassmintScanTest() { config.redeem.mode = "scan"; }

  /// A scan whose answer is awaited; the log held `log` before.
  HttpRequest scan(const std::vector<json>& log = {entry("r1")}) {
    start();
    return request(take(ok(mint_list(log))));
  }
  /// The session that follows one whose answer was lost.
  HttpRequest after_loss(const std::vector<json>& log = {entry("r1")}) {
    scan(log);
    EXPECT_EQ(expect_is<Failure>(take(fail(Errc::deadline_exceeded))).remedy, Remedy::retry);
    return request(start());
  }
};

TEST_F(PassmintScanTest, NotesTheNewestEntryThenScansAsTheScannerOnly) {
  const auto before = request(start());
  EXPECT_EQ(before.url, "https://api.example/v1/passes/a/redemptions?limit=1");
  EXPECT_TRUE(memo.empty());
  const auto post = request(take(ok(mint_list({entry("r1")}))));
  EXPECT_EQ(post.method, "POST");
  EXPECT_EQ(post.url, "https://api.example/v1/scan");
  EXPECT_EQ(json::parse(post.body), (json{{"code", "S-a"}}));
  ASSERT_EQ(post.secret_headers.size(), 1U);
  EXPECT_EQ(text_of(post.secret_headers[0].value->expose()), "scn_1");
  EXPECT_EQ(json::parse(memo), (json{{"phase", "scan"}, {"newest", "r1"}}));
  EXPECT_TRUE(expect_is<Recorded>(take(ok(decided("accepted")))).certain);
}

TEST_F(PassmintScanTest, ReadsTheDecisionFromWhereItIsTold) {
  config.redeem.message = "v1:{pass_id}";
  config.redeem.decision_at = "/redemption/decision";
  EXPECT_EQ(json::parse(scan().body)["code"], "v1:S-a");
  expect_is<Recorded>(take(ok({{"redemption", {{"decision", "accepted"}}}})));
}

TEST_F(PassmintScanTest, FindsALostScanInTheLogAndDoesNotScanAgain) {
  EXPECT_EQ(after_loss().url, "https://api.example/v1/passes/a/redemptions?limit=100");
  EXPECT_TRUE(expect_is<Recorded>(take(ok(mint_list({entry("r2"), entry("r1")})))).certain);
}

TEST_F(PassmintScanTest, ScansAgainWithTheSameBaselineWhenTheLogHasNothingOfOurs) {
  const std::vector<json> logs = {
      mint_list({entry("r1")}),
      mint_list({entry("r3", "accepted", "gate-b2"), entry("r2", "rejected"), entry("r1")}),
      mint_list({entry("r2", "accepted", "gate-b2")})};
  for (const auto& log : logs) {
    memo.clear();
    after_loss();
    EXPECT_EQ(request(take(ok(log))).url, "https://api.example/v1/scan") << log.dump();
    EXPECT_EQ(json::parse(memo), (json{{"phase", "scan"}, {"newest", "r1"}}));
  }
}

TEST_F(PassmintScanTest, TakesAnyAcceptedEntryOfOursWhereTheLogWasEmptyBefore) {
  after_loss({});
  EXPECT_EQ(json::parse(memo)["newest"], "");
  expect_is<Recorded>(take(ok(mint_list({entry("r1")}))));
}

TEST_F(PassmintScanTest, ReadsBeforeItScansWhenACrashCameBetweenMemoAndScan) {
  memo = R"({"phase":"scan","newest":"r1"})";
  EXPECT_EQ(request(start()).method, "GET");
  EXPECT_EQ(request(take(ok(mint_list({entry("r1")})))).method, "POST");
}

TEST_F(PassmintScanTest, PagesThroughALongLogAndLeavesItOpenAfterTwentyPages) {
  after_loss();
  RedeemStep step;
  for (int page = 0; page < 20; ++page) {
    const auto id = "x" + std::to_string(page);
    step = take(ok(mint_list({entry(id, "accepted", "gate-b2")}, true)));
    if (page < 19) {
      EXPECT_TRUE(request(step).url.ends_with("?limit=100&starting_after=" + id));
    }
  }
  EXPECT_FALSE(expect_is<Recorded>(step).certain);
}

TEST_F(PassmintScanTest, LeavesItOpenWhenTheLogHasNoCursor) {
  after_loss();
  const auto same = ok(mint_list({entry("x", "accepted", "gate-b2")}, true));
  expect_is<Send>(take(same));
  EXPECT_FALSE(expect_is<Recorded>(take(same)).certain);
}

TEST_F(PassmintScanTest, GivesUpWhatTheVendorRefuses) {
  for (const auto* reason : {"voided", "not_found", "out_of_scope", "wrong_mode", "new_one"}) {
    memo.clear();
    scan();
    const auto failure = expect_is<Failure>(take(ok(decided("rejected", reason))));
    EXPECT_EQ(failure.remedy, Remedy::give_up);
    EXPECT_EQ(failure.error.code(), Errc::rejected);
  }
}

TEST_F(PassmintScanTest, AsksTheLogWhoUsedUpThePass) {
  for (const auto* reason : {"already_redeemed", "count_exhausted"}) {
    memo.clear();
    scan();
    EXPECT_EQ(request(take(ok(decided("rejected", reason)))).method, "GET");
    expect_is<Recorded>(take(ok(mint_list({entry("r3", "rejected"), entry("r2"), entry("r1")}))));
    memo.clear();
    scan();
    take(ok(decided("rejected", reason)));
    const auto failure =
        expect_is<Failure>(take(ok(mint_list({entry("r2", "rejected"), entry("r1")}))));
    EXPECT_EQ(failure.remedy, Remedy::give_up);
    EXPECT_EQ(failure.error.code(), Errc::rejected);
  }
}

TEST_F(PassmintScanTest, AsksTheLogWhenTheAnswerDecidesNothing) {
  const std::vector<Result<HttpAnswer>> unclear = {ok({{"object", "scan"}}), answer(200, "<html>"),
                                                   ok(decided("maybe")), answer(204),
                                                   fail(Errc::too_large)};
  for (const auto& said : unclear) {
    memo.clear();
    scan();
    EXPECT_EQ(request(take(said)).method, "GET");
    expect_is<Recorded>(take(ok(mint_list({entry("r2"), entry("r1")}))));
    memo.clear();
    scan();
    take(said);
    const auto failure = expect_is<Failure>(take(ok(mint_list({entry("r1")}))));
    EXPECT_EQ(failure.error, Error(Errc::bad_reply));
    EXPECT_EQ(failure.remedy, Remedy::give_up);
  }
}

TEST_F(PassmintScanTest, TellsWhatARefusedScannerOrALostLineNeeds) {
  const std::vector<std::pair<int, Remedy>> cases = {{401, Remedy::pause},
                                                     {403, Remedy::pause},
                                                     {429, Remedy::retry},
                                                     {503, Remedy::retry},
                                                     {400, Remedy::give_up}};
  for (const auto& [status, remedy] : cases) {
    memo.clear();
    scan();
    EXPECT_EQ(expect_is<Failure>(take(answer(status))).remedy, remedy) << status;
  }
}

TEST_F(PassmintScanTest, LeavesItOpenWhenTheMemoIsOfAnotherVersion) {
  for (const auto* text : {"x", "{}", R"({"phase":"other"})", "[[["}) {
    memo = text;
    EXPECT_FALSE(expect_is<Recorded>(start()).certain) << text;
  }
}

struct PassmintBothTest : PassmintScanTest {
  PassmintBothTest() { config.redeem.mode = "both"; }
};

TEST_F(PassmintBothTest, ScansThenPatchesAndNeverScansAgainOnceItWasAccepted) {
  EXPECT_EQ(scan().url, "https://api.example/v1/scan");
  EXPECT_EQ(request(take(ok(decided("accepted")))).method, "GET");
  EXPECT_EQ(json::parse(memo)["phase"], "patch");
  EXPECT_EQ(request(take(ok(mint_pass("a", 1)))).method, "PATCH");
  expect_is<Failure>(take(fail(Errc::unreachable)));
  EXPECT_EQ(request(start()).url, "https://api.example/v1/passes/a");
  EXPECT_EQ(request(take(ok(mint_pass("a", 1)))).method, "PATCH");
  EXPECT_TRUE(expect_is<Recorded>(take(ok(mint_pass("a", 1)))).certain);
}

TEST_F(PassmintBothTest, PatchesAfterALostScanThatTheLogKnows) {
  after_loss();
  EXPECT_EQ(request(take(ok(mint_list({entry("r2"), entry("r1")})))).url,
            "https://api.example/v1/passes/a");
  EXPECT_EQ(request(take(ok(mint_pass("a", 1)))).method, "PATCH");
}

TEST_F(PassmintBothTest, KeepsADoubtOverThePatchAndARestart) {
  after_loss();
  const auto same = ok(mint_list({entry("x", "accepted", "gate-b2")}, true));
  take(same);
  take(same);
  start();
  take(ok(mint_pass("a", 1)));
  EXPECT_FALSE(expect_is<Recorded>(take(ok(mint_pass("a", 1)))).certain);
}

TEST(MakePassmint, NamesWhatIsMissingForItsMode) {
  EXPECT_FALSE(make_mint(mint_config("none"))->redeems());
  EXPECT_TRUE(make_mint(mint_config())->redeems());
  EXPECT_EQ(make_passmint(mint_config("delete"), {}).error(),
            "redeem: mode 'delete' is not one of patch, scan, both, none");
  EXPECT_EQ(make_passmint(mint_config("scan"), {}).error(),
            "redeem: mode 'scan' needs a scanner's token");
  ProviderSecrets secrets;
  secrets.token = secret("t");
  EXPECT_EQ(make_passmint(mint_config("both"), std::move(secrets)).error(),
            "redeem: mode 'both' needs the scanner's name");
  auto config = mint_config();
  config.status_map = {{"active", "fine"}};
  EXPECT_EQ(make_passmint(config, {}).error(), "status_map: 'fine' is no state");
  config.status_map.clear();
  config.valid_until = "metadata/until";
  EXPECT_FALSE(make_passmint(config, {}));
}

}  // namespace
}  // namespace passgate::sync::test
