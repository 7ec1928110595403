// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "sync/provider/make_provider.h"
#include "sync/provider/passninja.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;

const WallTime kNow = from_rfc3339("2026-11-20T10:00:00Z").value();

PassNinja::Settings settings() {
  PassNinja::Settings settings;
  settings.base_url = "https://api.example/v1";
  settings.account_id = "aid_0xa01";
  settings.api_key = secret("91dbb1e7af9c80aba6ed3f95a1545b4e");
  settings.redeem_fields = {{"redeemed-at", "{time}"}, {"gate", "{terminal}/{reader} {tap_id}"}};
  return settings;
}

RedemptionOrder order() {
  return {.tap_id = example_tap().tap_id,
          .at = example_tap().at,
          .terminal = "gate-a1",
          .reader = "north-1",
          .wallet = "",
          .pass_template = "ptk_0x14",
          .pass_id = "838b8cf60dac2bfad9",
          .object_id = "",
          .provider_id = ""};
}

TEST(PassNinjaRedeem, PatchesTheConfiguredFieldsWithAbsoluteValues) {
  const PassNinja provider(settings());
  const auto step = provider.redeem(order(), "")->start();
  ASSERT_TRUE(std::holds_alternative<Send>(step));
  const auto& request = std::get<Send>(step).request;
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(request.url, "https://api.example/v1/passes/ptk_0x14/838b8cf60dac2bfad9");
  EXPECT_EQ(json::parse(request.body),
            (json{{"pass",
                   {{"redeemed-at", "2026-11-20T19:04:11Z"},
                    {"gate", "gate-a1/north-1 019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11"}}}}));
}

TEST(PassNinjaRedeem, TellsTheObjectOfAGooglePassWhereAskedTo) {
  auto google = order();
  google.object_id = "21c94a5101e25eaa";
  auto with_object = settings();
  with_object.redeem_fields = {{"object", "{object_id}"}};
  const PassNinja provider(std::move(with_object));
  const auto step = provider.redeem(google, "")->start();
  const auto& request = std::get<Send>(step).request;
  EXPECT_EQ(json::parse(request.body)["pass"]["object"], "21c94a5101e25eaa");
}

TEST(PassNinjaRedeem, CannotBeTalkedIntoAnotherPathOrPlaceholderByAPassId) {
  auto hostile = order();
  hostile.pass_id = "../../webhooks?x={time}";
  auto with_id = settings();
  with_id.redeem_fields = {{"seen", "{pass_id} {other}"}};
  const PassNinja provider(std::move(with_id));
  const auto step = provider.redeem(hostile, "")->start();
  const auto& request = std::get<Send>(step).request;
  EXPECT_EQ(request.url,
            "https://api.example/v1/passes/ptk_0x14/..%2F..%2Fwebhooks%3Fx%3D%7Btime%7D");
  EXPECT_EQ(json::parse(request.body)["pass"]["seen"], "../../webhooks?x={time} {other}");
}

TEST(PassNinjaRedeem, IsRecordedByAny2xxAndRetriedWhenTheAnswerIsLost) {
  const PassNinja provider(settings());
  EXPECT_TRUE(std::holds_alternative<Recorded>(
      provider.redeem(order(), "")->take(answer(200, "{}"), kNow)));
  const auto lost = provider.redeem(order(), "")->take(fail(Errc::deadline_exceeded), kNow);
  ASSERT_TRUE(std::holds_alternative<Failure>(lost));
  EXPECT_EQ(std::get<Failure>(lost).remedy, Remedy::retry);
}

TEST(PassNinjaRedeem, AddressesThePassByTheIdTheMirrorKnows) {
  auto known = order();
  known.provider_id = "another-id";
  const PassNinja provider(settings());
  EXPECT_EQ(std::get<Send>(provider.redeem(known, "")->start()).request.url,
            "https://api.example/v1/passes/ptk_0x14/another-id");
}

std::unique_ptr<Provider> with_redeem(const runtime::RedeemConfig& redeem) {
  runtime::ProviderConfig config;
  config.kind = "passninja";
  config.base_url = "https://api.example/v1/";
  config.redeem = redeem;
  ProviderSecrets secrets;
  secrets.api_key = secret("key");
  secrets.token = secret("rdr_1");
  auto made = make_provider(config, std::move(secrets));
  EXPECT_TRUE(made) << made.error();
  return made ? std::move(*made) : nullptr;
}

std::unique_ptr<Provider> with_mode(std::string mode) {
  runtime::RedeemConfig redeem;
  redeem.mode = std::move(mode);
  return with_redeem(redeem);
}

TEST(PassNinjaRedeem, ExpiresAPassByTheConfiguredFieldBesideTheOthers) {
  runtime::RedeemConfig redeem;
  redeem.mode = "expire";
  redeem.expire_field = "expires";
  redeem.fields = {{"gate", "{terminal}"}};
  const auto provider = with_redeem(redeem);
  EXPECT_TRUE(provider->redeems());
  const auto step = provider->redeem(order(), "")->start();
  const auto& request = std::get<Send>(step).request;
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(json::parse(request.body),
            (json{{"pass", {{"expires", "2026-11-20T19:04:11Z"}, {"gate", "gate-a1"}}}}));
}

TEST(PassNinjaRedeem, TakesAUseBackByTheFieldsThatWereConfiguredForIt) {
  runtime::RedeemConfig redeem;
  redeem.mode = "patch";
  redeem.fields = {{"redeemed-at", "{time}"}};
  EXPECT_EQ(with_redeem(redeem)->undo(order(), ""), nullptr);
  redeem.undo_fields = {{"redeemed-at", ""}, {"undone", "{tap_id}"}};
  const auto provider = with_redeem(redeem);
  const auto session = provider->undo(order(), "");
  ASSERT_NE(session, nullptr);
  const auto step = session->start();
  const auto& request = std::get<Send>(step).request;
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(
      json::parse(request.body),
      (json{{"pass", {{"redeemed-at", ""}, {"undone", "019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11"}}}}));
  redeem.mode = "scan";
  EXPECT_EQ(with_redeem(redeem)->undo(order(), ""), nullptr);
}

std::string result(std::string_view word) {
  return json{{"scanId", "scn_1"}, {"result", word}, {"pass", nullptr}}.dump();
}

/// Where a session stands after one answer to its write.
struct AfterWrite {
  RedeemStep step;
  std::string memo;  ///< What is on disk then.
};

/// Runs one session as the worker does: the memo is kept before the request leaves.
AfterWrite run(const Provider& provider, std::string memo, const Result<HttpAnswer>& answer) {
  const auto session = provider.redeem(order(), memo);
  auto step = session->start();
  auto reply = answer;
  for (int i = 0; i < 3; ++i) {
    const auto* send = std::get_if<Send>(&step);
    if (send == nullptr) break;
    if (i > 0) {
      EXPECT_EQ(send->request.method, "GET") << "only a harmless request may follow";
    }
    if (send->memo) memo = *send->memo;
    step = session->take(reply, kNow);
    reply = fail(Errc::unreachable);  // What becomes of the harmless one changes nothing.
  }
  return {step, memo};
}

Failure failure_in(const AfterWrite& after) {
  const auto* failure = std::get_if<Failure>(&after.step);
  EXPECT_NE(failure, nullptr);
  return failure != nullptr ? *failure : Failure{};
}

TEST(PassNinjaScan, ReportsTheTapAsItsReaderAndRemembersThatItDid) {
  const auto provider = with_mode("scan");
  EXPECT_TRUE(provider->redeems());
  const auto step = provider->redeem(order(), "")->start();
  const auto& send = std::get<Send>(step);
  EXPECT_EQ(send.memo, "sent");
  EXPECT_EQ(send.request.method, "POST");
  EXPECT_EQ(send.request.url, "https://api.example/v1/scans");
  EXPECT_EQ(json::parse(send.request.body), (json{{"scanType", "nfc"},
                                                  {"platform", "apple"},
                                                  {"message", "838b8cf60dac2bfad9"},
                                                  {"scannedAt", "2026-11-20T19:04:11Z"}}));
  ASSERT_EQ(send.request.secret_headers.size(), 1U);
  EXPECT_EQ(send.request.secret_headers[0].name, "Authorization");
  EXPECT_EQ(send.request.secret_headers[0].scheme, "Bearer ");
  EXPECT_EQ(text_of(send.request.secret_headers[0].value->expose()), "rdr_1");
}

TEST(PassNinjaScan, TellsTheWalletAndTheConfiguredMessage) {
  runtime::RedeemConfig redeem;
  redeem.mode = "scan";
  redeem.message = "member:{object_id}";
  auto google = order();
  google.wallet = "google";
  google.object_id = "21c94a5101e25eaa";
  const auto provider = with_redeem(redeem);
  const auto step = provider->redeem(google, "")->start();
  const auto body = json::parse(std::get<Send>(step).request.body);
  EXPECT_EQ(body["platform"], "google");
  EXPECT_EQ(body["message"], "member:21c94a5101e25eaa");
}

TEST(PassNinjaScan, IsRecordedWhenAcceptedAndCertainOnlyIfNothingWasSentBefore) {
  const auto provider = with_mode("scan");
  const auto first = run(*provider, "", answer(200, result("accepted")));
  ASSERT_TRUE(std::holds_alternative<Recorded>(first.step));
  EXPECT_TRUE(std::get<Recorded>(first.step).certain);
  const auto again = run(*provider, "sent", answer(200, result("accepted")));
  ASSERT_TRUE(std::holds_alternative<Recorded>(again.step));
  EXPECT_FALSE(std::get<Recorded>(again.step).certain);
}

TEST(PassNinjaScan, TakesAReplayForItsOwnScanWhoseAnswerWasLost) {
  const auto provider = with_mode("scan");
  const auto lost = run(*provider, "", fail(Errc::deadline_exceeded));
  EXPECT_EQ(failure_in(lost).remedy, Remedy::retry);
  ASSERT_EQ(lost.memo, "sent");
  const auto again = run(*provider, lost.memo, answer(200, result("rejected_replay")));
  ASSERT_TRUE(std::holds_alternative<Recorded>(again.step));
  EXPECT_TRUE(std::get<Recorded>(again.step).certain);
}

TEST(PassNinjaScan, GivesUpWhenTheScanIsRejected) {
  const auto provider = with_mode("scan");
  for (const auto* word : {"rejected_inactive", "rejected_replay", "rejected_by_app", "unresolved",
                           "something_new", ""}) {
    const auto got = failure_in(run(*provider, "", answer(200, result(word))));
    EXPECT_EQ(got.remedy, Remedy::give_up) << word;
    EXPECT_EQ(got.error, Error(Errc::rejected, 200)) << word;
  }
  for (const auto* word : {"rejected_inactive", "rejected_by_app", "unresolved"}) {
    const auto after_loss = failure_in(run(*provider, "sent", answer(200, result(word))));
    EXPECT_EQ(after_loss.remedy, Remedy::give_up) << word;
  }
}

TEST(PassNinjaScan, DoesNotCallRecordedWhatItCannotRead) {
  const auto provider = with_mode("scan");
  for (const auto& body : {std::string(), std::string("<!doctype html>"), std::string("[]"),
                           std::string(R"({"result":7})"), std::string(R"({"scanId":"x"})"),
                           std::string(60'000, '[')}) {
    const auto after = run(*provider, "", answer(200, body));
    EXPECT_EQ(failure_in(after).remedy, Remedy::give_up) << body.substr(0, 40);
    EXPECT_EQ(failure_in(after).error, Error(Errc::bad_reply)) << body.substr(0, 40);
    EXPECT_EQ(after.memo, "sent") << "it may have been counted";
  }
}

class PassNinjaRefusedTest : public ::testing::TestWithParam<std::string> {};

TEST_P(PassNinjaRefusedTest, LeavesNoDoubtBehindWhenNothingWasCounted) {
  const auto provider = with_mode(GetParam());
  for (const int status : {301, 400, 401, 402, 403, 425, 429}) {
    const auto refused = run(*provider, "", answer(status));
    EXPECT_EQ(refused.memo, "") << status;
    EXPECT_EQ(failure_in(refused).error.detail(), status);
  }
  const auto limited = run(*provider, "", answer(429, "", {{"retry-after", "7"}}));
  EXPECT_EQ(failure_in(limited).remedy, Remedy::retry);
  EXPECT_EQ(failure_in(limited).retry_after, Milliseconds(7000));
}

TEST_P(PassNinjaRefusedTest, StaysInDoubtAfterALostAnswerAndAfterAGatewaysWord) {
  const auto provider = with_mode(GetParam());
  EXPECT_EQ(run(*provider, "", fail(Errc::unreachable)).memo, "sent");
  for (const int status : {408, 500, 502, 503, 504}) {
    const auto after = run(*provider, "", answer(status));
    EXPECT_EQ(after.memo, "sent") << status;
    EXPECT_EQ(failure_in(after).remedy, Remedy::retry) << status;
  }
}

TEST_P(PassNinjaRefusedTest, KeepsAnEarlierDoubtThroughALaterRefusal) {
  const auto provider = with_mode(GetParam());
  const auto session = provider->redeem(order(), "sent");
  EXPECT_EQ(std::get<Send>(session->start()).memo, "sent");
  EXPECT_TRUE(std::holds_alternative<Failure>(session->take(answer(429), kNow)));
}

INSTANTIATE_TEST_SUITE_P(Modes, PassNinjaRefusedTest, ::testing::Values("scan", "delete"),
                         [](const auto& which) { return which.param; });

TEST(PassNinjaRemove, DestroysThePass) {
  const auto provider = with_mode("delete");
  EXPECT_TRUE(provider->redeems());
  const auto step = provider->redeem(order(), "")->start();
  const auto& send = std::get<Send>(step);
  EXPECT_EQ(send.memo, "sent");
  EXPECT_EQ(send.request.method, "DELETE");
  EXPECT_EQ(send.request.url, "https://api.example/v1/passes/ptk_0x14/838b8cf60dac2bfad9");
  EXPECT_EQ(send.request.body, "");
  const auto after = run(*provider, "", answer(200, R"("838b8cf60dac2bfad9")"));
  EXPECT_TRUE(std::holds_alternative<Recorded>(after.step));
}

TEST(PassNinjaRemove, TakesAMissingPassForDestroyedOnlyIfItMayHaveDoneSo) {
  const auto provider = with_mode("delete");
  const auto gone = answer(404, R"({"error":"Pass does not exist","code":"MR2"})");
  const auto never = run(*provider, "", gone);
  EXPECT_EQ(failure_in(never).remedy, Remedy::give_up);
  EXPECT_EQ(failure_in(never).error, Error(Errc::rejected, 404));
  const auto lost = run(*provider, "", fail(Errc::deadline_exceeded));
  EXPECT_TRUE(std::holds_alternative<Recorded>(run(*provider, lost.memo, gone).step));
}

struct CodeCase {
  const char* name;
  int status;
  const char* body;
  Remedy remedy;
  Errc code;
};

class PassNinjaCodeTest : public ::testing::TestWithParam<CodeCase> {};

TEST_P(PassNinjaCodeTest, IsReadInEveryEnvelopeAndYieldsToADocumentedStatus) {
  const PassNinja provider(settings());
  const auto& expected = GetParam();
  const auto step =
      provider.redeem(order(), "")->take(answer(expected.status, expected.body), kNow);
  ASSERT_TRUE(std::holds_alternative<Failure>(step));
  EXPECT_EQ(std::get<Failure>(step).remedy, expected.remedy);
  EXPECT_EQ(std::get<Failure>(step).error, Error(expected.code, expected.status));
}

INSTANTIATE_TEST_SUITE_P(
    Envelopes, PassNinjaCodeTest,
    ::testing::Values(CodeCase{"Flat", 420, R"({"error":"slow","code":"RL1"})", Remedy::retry,
                               Errc::rate_limited},
                      CodeCase{"Message", 409, R"({"msg":"no credits","code":"MP1"})",
                               Remedy::pause, Errc::rejected},
                      CodeCase{"Nested", 422, R"({"error":{"message":"slow","code":"RL1"}})",
                               Remedy::retry, Errc::rate_limited},
                      CodeCase{"StatusWins", 400, R"({"error":"slow","code":"RL1"})",
                               Remedy::give_up, Errc::rejected},
                      CodeCase{"ServerErrorWins", 503, R"({"error":"no","code":"MR2"})",
                               Remedy::retry, Errc::rejected},
                      CodeCase{"OtherCode", 409, R"({"error":"no","code":"ENTERPRISE_REQUIRED"})",
                               Remedy::give_up, Errc::rejected},
                      CodeCase{"NoCode", 409, R"({"error":["no"],"code":7})", Remedy::give_up,
                               Errc::rejected},
                      CodeCase{"NoJson", 409, "<html>", Remedy::give_up, Errc::rejected}),
    [](const auto& which) { return std::string(which.param.name); });

TEST(MakePassNinja, SaysWhatARedeemModeLacks) {
  runtime::ProviderConfig config;
  const auto problem = [&config](std::string mode) {
    config.redeem.mode = std::move(mode);
    const auto made = make_passninja(config, {});
    return made ? std::string() : made.error();
  };
  EXPECT_EQ(problem("scan"), "redeem: mode 'scan' needs the reader's token");
  EXPECT_EQ(problem("expire"), "redeem: mode 'expire' needs expire_field");
  EXPECT_EQ(problem("both"), "redeem: mode 'both' is not one of patch, scan, expire, delete, none");
  EXPECT_EQ(problem("none"), "");
  config.status_map = {{"Active", "fine"}};
  EXPECT_EQ(problem("patch"), "status_map: 'fine' is no state");
}

}  // namespace
}  // namespace passgate::sync::test
