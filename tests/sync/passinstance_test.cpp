// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passinstance.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sync/provider/make_provider.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;
using std::chrono::seconds;

const WallTime kNow = from_rfc3339("2026-11-20T10:00:00Z").value();
const ProviderTemplate kById{"tpl_1", "id"};
const ProviderTemplate kBySerial{"tpl_1", "serial"};

runtime::ProviderConfig config() {
  runtime::ProviderConfig config;
  config.name = "inst";
  config.kind = "passinstance";
  config.base_url = "https://api.example/";
  config.page_size = 2;
  config.get_path = "/passes/{id}";
  config.list.emplace();
  config.list->path = "/passes?templateId={template}&page={page}&limit={page_size}";
  config.list->status = "/status";
  config.status_map = {{"active", "valid"}, {"void", "voided"}};
  config.redeem.fields = {{"redeemedAt", "{time}"}};
  return config;
}

std::unique_ptr<Provider> made(const runtime::ProviderConfig& from) {
  ProviderSecrets secrets;
  secrets.api_key = secret("pk_live_1");
  auto provider = make_provider(from, std::move(secrets));
  EXPECT_TRUE(provider) << provider.error();
  return provider ? std::move(*provider) : nullptr;
}

json pass(std::string_view id, std::string_view status = "active") {
  return {{"id", id},
          {"serialNumber", fmt::format("S-{}", id)},
          {"status", status},
          {"expirationDate", nullptr}};
}

json page(std::vector<json> passes) {
  return {{"data", std::move(passes)}};
}

json page(std::vector<json> passes, json next) {
  return {{"data", std::move(passes)}, {"next", std::move(next)}};
}

Failure failure_in(const auto& step) {
  const auto* failure = std::get_if<Failure>(&step);
  EXPECT_NE(failure, nullptr);
  return failure != nullptr ? *failure : Failure{};
}

// ---- the list

struct PassinstanceSweepTest : ::testing::Test {
  runtime::ProviderConfig from = config();
  std::unique_ptr<Provider> provider;
  std::unique_ptr<SweepSession> session;

  void start(const ProviderTemplate& of = kById, std::string_view checkpoint = "") {
    if (!provider) provider = made(from);
    session = provider->sweep(of, checkpoint);
    ASSERT_NE(session, nullptr);
  }
  void follow_a_cursor() {
    from.list->path = "/passes?cursor={cursor}";
    from.list->next = "/next";
  }
  SweepStep take(const json& body) { return session->take(answer(200, body.dump()), kNow); }
  std::string path() const { return session->request().url.substr(19); }
};

TEST_F(PassinstanceSweepTest, IsNotPossibleWithoutAConfiguredList) {
  from.list.reset();
  EXPECT_EQ(made(from)->sweep(kById, ""), nullptr);
}

TEST_F(PassinstanceSweepTest, AsksWithTheKeyAsTheAccountIsConfigured) {
  start();
  const auto by_key = session->request().secret_headers;
  ASSERT_EQ(by_key.size(), 1U);
  EXPECT_EQ(by_key[0].name, "X-API-Key");
  EXPECT_EQ(by_key[0].scheme, "");
  EXPECT_EQ(text_of(by_key[0].value->expose()), "pk_live_1");
  from.auth = "bearer";
  const auto with_jwt = made(from);
  const auto by_jwt = with_jwt->sweep(kById, "")->request().secret_headers;
  ASSERT_EQ(by_jwt.size(), 1U);
  EXPECT_EQ(by_jwt[0].name, "Authorization");
  EXPECT_EQ(by_jwt[0].scheme, "Bearer ");
}

TEST_F(PassinstanceSweepTest, ReadsNumberedPagesToTheFirstEmptyOne) {
  start({"tpl/1&x", "id"});
  EXPECT_EQ(path(), "/passes?templateId=tpl%2F1%26x&page=1&limit=2");
  const auto first = take(page({pass("a"), pass("b", "void")}));
  ASSERT_TRUE(std::holds_alternative<PassPage>(first));
  EXPECT_EQ(std::get<PassPage>(first).rows,
            (std::vector<MirrorRow>{{"a", "", gate::PassState::valid, {}, {}},
                                    {"b", "", gate::PassState::voided, {}, {}}}));
  EXPECT_EQ(path(), "/passes?templateId=tpl%2F1%26x&page=2&limit=2");
  ASSERT_TRUE(std::holds_alternative<PassPage>(take(page({pass("c")}))));
  const auto last = take(page({}));
  ASSERT_TRUE(std::holds_alternative<LastPage>(last));
  EXPECT_EQ(std::get<LastPage>(last).distinct, 3U);
}

TEST_F(PassinstanceSweepTest, TakesAPathWithoutAPageForAWholeList) {
  from.list->path = "/passes";
  from.list->items = "";
  start();
  const auto step = session->take(answer(200, json::array({pass("a")}).dump()), kNow);
  ASSERT_TRUE(std::holds_alternative<LastPage>(step));
  EXPECT_EQ(std::get<LastPage>(step).distinct, 1U);
}

TEST_F(PassinstanceSweepTest, FollowsTheCursorToWhereThereIsNone) {
  follow_a_cursor();
  for (const json& end : {json(nullptr), json(""), json(false)}) {
    start();
    EXPECT_EQ(path(), "/passes?cursor=");
    ASSERT_TRUE(std::holds_alternative<PassPage>(take(page({pass("a")}, "x/1"))));
    EXPECT_EQ(path(), "/passes?cursor=x%2F1");
    ASSERT_TRUE(std::holds_alternative<PassPage>(take(page({pass("b")}, 17))));
    EXPECT_EQ(path(), "/passes?cursor=17");
    EXPECT_TRUE(std::holds_alternative<LastPage>(take(page({pass("c")}, end)))) << end;
  }
  start();
  EXPECT_TRUE(std::holds_alternative<LastPage>(take(page({pass("a")}))));
}

TEST_F(PassinstanceSweepTest, TakesTheCursorForThePageWhereThePathSaysSo) {
  from.list->path = "/passes?page={page}";
  from.list->next = "/next";
  start();
  take(page({pass("a")}, 5));
  EXPECT_EQ(path(), "/passes?page=5");
  start();
  take(page({pass("a")}, true));
  EXPECT_EQ(path(), "/passes?page=2");
}

TEST_F(PassinstanceSweepTest, RefusesAListThatWouldNeverEnd) {
  start();
  take(page({pass("a"), pass("b")}));
  EXPECT_EQ(failure_in(take(page({pass("a"), pass("b")}))).error, Error(Errc::bad_reply));
  provider.reset();
  follow_a_cursor();
  start();
  take(page({pass("a")}, "x"));
  EXPECT_EQ(failure_in(take(page({pass("b")}, "x"))).error, Error(Errc::bad_reply));
  start();
  EXPECT_EQ(failure_in(take(page({}, "x"))).error, Error(Errc::bad_reply));
}

TEST_F(PassinstanceSweepTest, GoesOnBehindThePageThatWasStoredLast) {
  follow_a_cursor();
  start();
  const auto first = take(page({pass("a"), pass("b")}, "x"));
  const auto checkpoint = std::get<PassPage>(first).checkpoint;
  ASSERT_FALSE(checkpoint.empty());
  ASSERT_LE(checkpoint.size(), 4096U);
  start(kById, checkpoint);
  EXPECT_EQ(path(), "/passes?cursor=x");
  const auto last = take(page({pass("c")}, nullptr));
  ASSERT_TRUE(std::holds_alternative<LastPage>(last));
  EXPECT_EQ(std::get<LastPage>(last).distinct, 3U);
}

TEST_F(PassinstanceSweepTest, BeginsAnewWithACheckpointThatIsNotForThesePages) {
  start();
  const auto first = take(page({pass("a"), pass("b")}));
  const auto good = json::parse(std::get<PassPage>(first).checkpoint);
  std::vector<std::string> foreign = {"", "nonsense", "[]", "{}", std::string(5000, '[')};
  for (const auto& [member, value] : std::vector<std::pair<std::string, json>>{{"page_size", 3},
                                                                               {"join", "serial"},
                                                                               {"path", "/x"},
                                                                               {"page", 1},
                                                                               {"rows", -1},
                                                                               {"first", nullptr},
                                                                               {"cursor", 7}}) {
    auto changed = good;
    changed[member] = value;
    foreign.push_back(changed.dump());
  }
  for (const auto& checkpoint : foreign) {
    start(kById, checkpoint);
    EXPECT_EQ(path(), "/passes?templateId=tpl_1&page=1&limit=2") << checkpoint.substr(0, 80);
  }
  start(kById, good.dump());
  EXPECT_EQ(path(), "/passes?templateId=tpl_1&page=2&limit=2");
}

TEST_F(PassinstanceSweepTest, GivesNoCheckpointThatWouldBeTooLong) {
  follow_a_cursor();
  start();
  const auto step = take(page({pass("a")}, std::string(1024, '\x01')));
  ASSERT_TRUE(std::holds_alternative<PassPage>(step));
  EXPECT_EQ(std::get<PassPage>(step).checkpoint, "");
  start();
  EXPECT_EQ(failure_in(take(page({pass("a")}, std::string(1025, 'x')))).error,
            Error(Errc::bad_reply));
}

TEST_F(PassinstanceSweepTest, JoinsByTheSerialNumberAndKeepsTheIdForItsUrls) {
  start(kBySerial);
  const auto step = take(page({pass("a")}));
  ASSERT_TRUE(std::holds_alternative<PassPage>(step));
  EXPECT_EQ(std::get<PassPage>(step).rows,
            (std::vector<MirrorRow>{{"S-a", "a", gate::PassState::valid, {}, {}}}));
}

TEST_F(PassinstanceSweepTest, ReadsFromWhenToWhenAPassIsValid) {
  from.valid_from = "/validity/from";
  start();
  auto dated = pass("a");
  dated["validity"] = {{"from", "2026-01-01T00:00:00Z"}};
  dated["expirationDate"] = "2026-12-31T00:00:00+01:00";
  const auto step = take(page({dated}));
  const auto& row = std::get<PassPage>(step).rows.at(0);
  EXPECT_EQ(row.valid_from, from_rfc3339("2026-01-01T00:00:00Z").value());
  EXPECT_EQ(row.valid_until, from_rfc3339("2026-12-30T23:00:00Z").value());
}

TEST_F(PassinstanceSweepTest, TakesForUnknownAndCountsWhatItCannotInterpret) {
  start();
  auto no_status = pass("b");
  no_status.erase("status");
  auto no_date = pass("c");
  no_date["expirationDate"] = "next Tuesday";
  const auto step = take(page({pass("a", "frozen"), no_status, no_date}));
  ASSERT_TRUE(std::holds_alternative<PassPage>(step));
  EXPECT_EQ(std::get<PassPage>(step).unmapped, 3U);
  for (const auto& row : std::get<PassPage>(step).rows) {
    EXPECT_EQ(row.state, gate::PassState::unknown) << row.join_value;
  }
}

TEST_F(PassinstanceSweepTest, CallsAListedPassValidWhereNoStatusIsConfigured) {
  from.list->status = "";
  start();
  const auto step = take(page({{{"id", "a"}}}));
  ASSERT_TRUE(std::holds_alternative<PassPage>(step));
  EXPECT_EQ(std::get<PassPage>(step).rows.at(0).state, gate::PassState::valid);
}

TEST_F(PassinstanceSweepTest, UnderstandsTruthValuesAsStatusWords) {
  from.list->status = "/voided";
  from.status_map = {{"true", "voided"}, {"false", "valid"}};
  start();
  const auto step = take(page({{{"id", "a"}, {"voided", true}}, {{"id", "b"}, {"voided", false}}}));
  EXPECT_EQ(std::get<PassPage>(step).rows.at(0).state, gate::PassState::voided);
  EXPECT_EQ(std::get<PassPage>(step).rows.at(1).state, gate::PassState::valid);
}

TEST_F(PassinstanceSweepTest, RefusesWhatIsNotAPageOfPasses) {
  const std::vector<std::string> bodies = {
      "",
      "<!doctype html>",
      "[]",
      "null",
      "{}",
      R"({"data":{}})",
      R"({"data":["a"]})",
      R"({"data":[{}]})",
      R"({"data":[{"id":""}]})",
      R"({"data":[{"id":null}]})",
      R"({"data":[{"id":true}]})",
      R"({"data":[{"id":1.5}]})",
      page({pass(std::string(257, 'x'))}).dump(),
      page({pass("a")}).dump().substr(0, 20),
      std::string(60'000, '['),
  };
  for (const auto& body : bodies) {
    start();
    const auto got = failure_in(session->take(answer(200, body), kNow));
    EXPECT_EQ(got.error, Error(Errc::bad_reply)) << body.substr(0, 80);
    EXPECT_EQ(got.remedy, Remedy::give_up) << body.substr(0, 80);
  }
  start();
  EXPECT_EQ(failure_in(session->take(answer(204), kNow)).error, Error(Errc::bad_reply));
}

// ---- one pass

LookUpStep looked_up(const ProviderTemplate& of, const PassNames& names, const HttpAnswer& from) {
  const auto provider = made(config());
  const auto session = provider->look_up(of, names);
  return session ? session->take(from, kNow) : LookUpStep(Failure{});
}

TEST(PassinstanceLookUp, AsksForThePassByTheNamesItsPathNeeds) {
  const auto provider = made(config());
  const auto session = provider->look_up(kById, {"../x", "", ""});
  ASSERT_NE(session, nullptr);
  const auto step = session->start();
  ASSERT_TRUE(std::holds_alternative<HttpRequest>(step));
  EXPECT_EQ(std::get<HttpRequest>(step).url, "https://api.example/passes/..%2Fx");
  EXPECT_EQ(provider->look_up(kById, {"", "S-1", ""}), nullptr);
  auto without = config();
  without.get_path = "";
  EXPECT_EQ(made(without)->look_up(kById, {"a", "", ""}), nullptr);
}

TEST(PassinstanceLookUp, ReadsThePassAsTheListWould) {
  const auto step = looked_up(kBySerial, {"a", "", ""}, answer(200, pass("a", "void").dump()));
  ASSERT_TRUE(std::holds_alternative<MirrorRow>(step));
  EXPECT_EQ(std::get<MirrorRow>(step), (MirrorRow{"S-a", "a", gate::PassState::voided, {}, {}}));
}

TEST(PassinstanceLookUp, CallsGoneOnlyWhatTheProviderDoesNotKnow) {
  EXPECT_TRUE(std::holds_alternative<Gone>(looked_up(kById, {"a", "", ""}, answer(404))));
  EXPECT_EQ(failure_in(looked_up(kById, {"a", "", ""}, answer(503))).remedy, Remedy::retry);
  for (const auto& body :
       {std::string("{}"), std::string("<html>"), std::string("[]"), pass("b").dump()}) {
    const auto got = failure_in(looked_up(kById, {"a", "", ""}, answer(200, body)));
    EXPECT_EQ(got.error, Error(Errc::bad_reply)) << body;
  }
}

// ---- recording a use

RedemptionOrder order() {
  return {.tap_id = example_tap().tap_id,
          .at = example_tap().at,
          .terminal = "gate-a1",
          .reader = "north-1",
          .wallet = "apple",
          .pass_template = "tpl_1",
          .pass_id = "pass_1",
          .object_id = "",
          .provider_id = ""};
}

HttpRequest sent(const RedeemStep& step) {
  const auto* send = std::get_if<Send>(&step);
  EXPECT_NE(send, nullptr);
  if (send == nullptr) return {};
  EXPECT_EQ(send->memo, std::nullopt) << "absolute values may be sent again";
  return send->request;
}

TEST(PassinstanceUpdate, PatchesItsFieldsWithAbsoluteValues) {
  auto from = config();
  from.redeem.method = "PATCH";
  const auto provider = made(from);
  EXPECT_TRUE(provider->redeems());
  const auto session = provider->redeem(order(), "");
  const auto request = sent(session->start());
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(request.url, "https://api.example/passes/pass_1");
  EXPECT_EQ(json::parse(request.body),
            (json{{"customFields", {{"redeemedAt", {{"value", "2026-11-20T19:04:11Z"}}}}}}));
  EXPECT_TRUE(std::holds_alternative<Recorded>(session->take(answer(200, "<ok>"), kNow)));
}

TEST(PassinstanceUpdate, WritesTextAtTheTopWhereConfigured) {
  auto from = config();
  from.redeem.method = "POST";
  from.redeem.path = "/v2/{template}/{id}/fields";
  from.redeem.member = "";
  from.redeem.value = "text";
  const auto provider = made(from);
  auto hostile = order();
  hostile.pass_id = "a/../b?{template}";
  const auto request = sent(provider->redeem(hostile, "")->start());
  EXPECT_EQ(request.url, "https://api.example/v2/tpl_1/a%2F..%2Fb%3F%7Btemplate%7D/fields");
  EXPECT_EQ(json::parse(request.body), (json{{"redeemedAt", "2026-11-20T19:04:11Z"}}));
}

TEST(PassinstanceUpdate, ReadsBeforeItPutsSoThatNoOtherFieldIsLost) {
  const auto provider = made(config());
  const auto session = provider->redeem(order(), "");
  const auto read = sent(session->start());
  EXPECT_EQ(read.method, "GET");
  EXPECT_EQ(read.url, "https://api.example/passes/pass_1");
  auto known = pass("pass_1");
  known["customFields"] = {{"seat", {{"value", "A12"}, {"label", "Seat"}}},
                           {"redeemedAt", {{"value", ""}, {"label", "Used"}}}};
  const auto write = sent(session->take(answer(200, known.dump()), kNow));
  EXPECT_EQ(write.method, "PUT");
  EXPECT_EQ(json::parse(write.body),
            (json{{"customFields",
                   {{"seat", {{"value", "A12"}, {"label", "Seat"}}},
                    {"redeemedAt", {{"value", "2026-11-20T19:04:11Z"}, {"label", "Used"}}}}}}));
  EXPECT_TRUE(std::holds_alternative<Recorded>(session->take(answer(200), kNow)));
}

TEST(PassinstanceUpdate, SendsTheWholePassWhereTheFieldsAreAtItsTop) {
  auto from = config();
  from.redeem.member = "";
  from.redeem.value = "text";
  const auto provider = made(from);
  const auto session = provider->redeem(order(), "");
  sent(session->start());
  const auto write = sent(session->take(answer(200, R"({"id":"pass_1","seat":"A12"})"), kNow));
  EXPECT_EQ(json::parse(write.body),
            (json{{"id", "pass_1"}, {"seat", "A12"}, {"redeemedAt", "2026-11-20T19:04:11Z"}}));
}

TEST(PassinstanceUpdate, PutsOnlyItsOwnWhereThePassHasNoFieldsOrCannotBeRead) {
  const json ours = {{"customFields", {{"redeemedAt", {{"value", "2026-11-20T19:04:11Z"}}}}}};
  const auto provider = made(config());
  for (const auto* body : {R"({"id":"pass_1"})", R"({"customFields":null})"}) {
    const auto session = provider->redeem(order(), "");
    session->start();
    EXPECT_EQ(json::parse(sent(session->take(answer(200, body), kNow)).body), ours) << body;
  }
  auto blind = config();
  blind.get_path = "";
  const auto without = made(blind);
  const auto request = sent(without->redeem(order(), "")->start());
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(json::parse(request.body), ours);
}

TEST(PassinstanceUpdate, NeverPutsOnWhatItCouldNotRead) {
  const auto provider = made(config());
  const auto after = [&provider](const Result<HttpAnswer>& read) {
    const auto session = provider->redeem(order(), "");
    session->start();
    return failure_in(session->take(read, kNow));
  };
  EXPECT_EQ(after(answer(404)).remedy, Remedy::give_up);
  EXPECT_EQ(after(answer(404)).error, Error(Errc::rejected, 404));
  EXPECT_EQ(after(answer(429)).remedy, Remedy::retry);
  EXPECT_EQ(after(fail(Errc::deadline_exceeded)).remedy, Remedy::retry);
  const std::string deep =
      R"({"customFields":{"a":)" + std::string(30'000, '[') + std::string(30'000, ']') + "}}";
  for (const auto& body :
       {std::string("<html>"), std::string("[]"), std::string(R"({"customFields":[]})"), deep}) {
    EXPECT_EQ(after(answer(200, body)).error, Error(Errc::bad_reply)) << body.substr(0, 40);
  }
}

TEST(PassinstanceUpdate, AddressesThePassByItsIdAndGivesUpWhereThatIsNotKnown) {
  auto from = config();
  from.redeem.method = "PATCH";
  const auto provider = made(from);
  auto by_serial = order();
  by_serial.join = "serial";
  by_serial.pass_id = "S-1";
  const auto unknown = failure_in(provider->redeem(by_serial, "")->start());
  EXPECT_EQ(unknown.remedy, Remedy::give_up);
  EXPECT_EQ(unknown.error, Error(Errc::bad_value));
  by_serial.provider_id = "pass_9";
  EXPECT_EQ(sent(provider->redeem(by_serial, "")->start()).url,
            "https://api.example/passes/pass_9");
  from.redeem.path = "/by-serial/{serial}";
  by_serial.provider_id = "";
  const auto named = made(from);
  EXPECT_EQ(sent(named->redeem(by_serial, "")->start()).url, "https://api.example/by-serial/S-1");
}

TEST(PassinstanceUpdate, TakesAUseBackByTheFieldsThatWereConfiguredForIt) {
  auto from = config();
  from.redeem.method = "PATCH";
  EXPECT_EQ(made(from)->undo(order(), ""), nullptr);
  from.redeem.undo_fields = {{"redeemedAt", ""}};
  const auto provider = made(from);
  const auto session = provider->undo(order(), "");
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(json::parse(sent(session->start()).body),
            (json{{"customFields", {{"redeemedAt", {{"value", ""}}}}}}));
}

TEST(PassinstanceVoid, SendsTheConfiguredBody) {
  auto from = config();
  from.redeem.mode = "void";
  from.redeem.path = "/passes/{id}";
  from.redeem.body = R"({"voided":true})";
  const auto provider = made(from);
  EXPECT_TRUE(provider->redeems());
  EXPECT_EQ(provider->undo(order(), ""), nullptr);
  const auto session = provider->redeem(order(), "");
  const auto request = sent(session->start());
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.body, R"({"voided":true})");
  EXPECT_TRUE(std::holds_alternative<Recorded>(session->take(answer(204), kNow)));
  EXPECT_EQ(failure_in(session->take(fail(Errc::unreachable), kNow)).remedy, Remedy::retry);
}

struct StatusCase {
  int status;
  Remedy remedy;
  Errc code;
};

class PassinstanceStatusTest : public ::testing::TestWithParam<StatusCase> {};

TEST_P(PassinstanceStatusTest, SaysWhatIsToBeDone) {
  const auto& expected = GetParam();
  auto from = config();
  from.redeem.method = "PATCH";
  const auto provider = made(from);
  from.redeem.mode = "void";
  from.redeem.body = "{}";
  const auto voiding = made(from);
  const auto refusal = answer(expected.status, R"({"message":"no"})");
  for (const auto& got : {failure_in(provider->sweep(kById, "")->take(refusal, kNow)),
                          failure_in(provider->redeem(order(), "")->take(refusal, kNow)),
                          failure_in(voiding->redeem(order(), "")->take(refusal, kNow))}) {
    EXPECT_EQ(got.remedy, expected.remedy);
    EXPECT_EQ(got.error, Error(expected.code, expected.status));
  }
}

INSTANTIATE_TEST_SUITE_P(Statuses, PassinstanceStatusTest,
                         ::testing::Values(StatusCase{302, Remedy::give_up, Errc::rejected},
                                           StatusCase{401, Remedy::pause, Errc::rejected},
                                           StatusCase{403, Remedy::pause, Errc::rejected},
                                           StatusCase{404, Remedy::give_up, Errc::rejected},
                                           StatusCase{422, Remedy::give_up, Errc::rejected},
                                           StatusCase{429, Remedy::retry, Errc::rate_limited},
                                           StatusCase{500, Remedy::retry, Errc::rejected},
                                           StatusCase{503, Remedy::retry, Errc::rejected}),
                         [](const auto& which) {
                           return fmt::format("Http{}", which.param.status);
                         });

TEST(Passinstance, WaitsUntilItsRateIsResetWhereNothingElseIsAsked) {
  const auto provider = made(config());
  const auto session = provider->sweep(kById, "");
  const auto wait = [&session](std::vector<std::pair<std::string, std::string>> headers,
                               int status = 429) {
    return failure_in(session->take(answer(status, "", std::move(headers)), kNow)).retry_after;
  };
  const auto reset = [](seconds after) {
    return fmt::format("{}", (kNow + after).time_since_epoch() / seconds(1));
  };
  EXPECT_EQ(wait({{"x-ratelimit-reset", reset(seconds(40))}}), Milliseconds(40'000));
  EXPECT_EQ(wait({{"retry-after", "7"}, {"x-ratelimit-reset", reset(seconds(40))}}),
            Milliseconds(7'000));
  // The provider's own clock counts, not ours.
  EXPECT_EQ(
      wait({{"date", "Fri, 20 Nov 2026 10:00:30 GMT"}, {"x-ratelimit-reset", reset(seconds(40))}}),
      Milliseconds(10'000));
  EXPECT_EQ(wait({{"x-ratelimit-reset", reset(std::chrono::hours(1000))}}),
            Milliseconds(std::chrono::hours(24)));
  for (const auto* senseless : {"60", "soon", "", "-1", "99999999999999999999"}) {
    EXPECT_EQ(wait({{"x-ratelimit-reset", senseless}}), std::nullopt) << senseless;
  }
  EXPECT_EQ(wait({{"x-ratelimit-reset", reset(seconds(40))}}, 503), std::nullopt);
}

TEST(MakePassinstance, SaysWhatItCannotWorkWith) {
  const auto problem = [](const auto& change) {
    auto changed = config();
    change(changed);
    const auto made = make_passinstance(changed, {});
    return made ? std::string() : made.error();
  };
  using Config = runtime::ProviderConfig;
  EXPECT_EQ(problem([](Config&) {}), "");
  EXPECT_EQ(problem([](Config& c) { c.auth = "basic"; }),
            "auth: 'basic' is not one of api_key, bearer");
  EXPECT_EQ(problem([](Config& c) { c.redeem.mode = "patch"; }),
            "redeem: mode 'patch' is not one of update, void, none");
  EXPECT_EQ(problem([](Config& c) { c.redeem.method = "DELETE"; }),
            "redeem: method 'DELETE' is not one of PUT, PATCH, POST");
  EXPECT_EQ(problem([](Config& c) { c.redeem.value = "number"; }),
            "redeem: value 'number' is not one of object, text");
  EXPECT_EQ(problem([](Config& c) { c.redeem.path = "passes/{id}"; }),
            "redeem.path: 'passes/{id}' must begin with /");
  EXPECT_EQ(problem([](Config& c) { c.redeem.mode = "void"; }),
            "redeem: mode 'void' needs JSON in body");
  EXPECT_EQ(problem([](Config& c) {
              c.redeem.mode = "void";
              c.redeem.body = "{voided";
            }),
            "redeem: mode 'void' needs JSON in body");
  EXPECT_EQ(problem([](Config& c) { c.list->items = "data"; }),
            "list.items: 'data' is no JSON pointer");
  EXPECT_EQ(problem([](Config& c) { c.valid_until = "/a~2"; }),
            "valid_until: '/a~2' is no JSON pointer");
  EXPECT_EQ(problem([](Config& c) {
              c.list->path = "/passes";
              c.list->next = "/next";
            }),
            "list: next needs {page} or {cursor} in path");
  EXPECT_EQ(problem([](Config& c) { c.status_map = {{"a", "fine"}}; }),
            "status_map: 'fine' is no state");
}

TEST(MakePassinstance, RecordsUsesOnlyWhereItIsToldHow) {
  auto from = config();
  from.redeem.mode = "none";
  EXPECT_FALSE(made(from)->redeems());
  from.redeem.mode = "update";
  EXPECT_TRUE(made(from)->redeems());
  from.redeem.fields.clear();
  EXPECT_FALSE(made(from)->redeems());
}

TEST(JsonPointer, FindsWhatItPointsAtAndNothingElse) {
  const auto document = json::parse(R"({"a":{"b/c":[10,{"~":1}]},"":2})");
  const auto at = [&document](std::string_view text) {
    const auto* found = JsonPointer::parse(text).value().in(document);
    return found == nullptr ? std::string("nothing") : found->dump();
  };
  EXPECT_EQ(at(""), document.dump());
  EXPECT_EQ(at("/"), "2");
  EXPECT_EQ(at("/a/b~1c/0"), "10");
  EXPECT_EQ(at("/a/b~1c/1/~0"), "1");
  for (const auto* none : {"/b", "/a/b~1c/2", "/a/b~1c/-", "/a/b~1c/-1", "/a/b~1c/x", "/a/b~1c/0/0",
                           "/a/b~1c/99999999999999999999999"}) {
    EXPECT_EQ(at(none), "nothing") << none;
  }
  for (const auto* wrong : {"a", "/a~", "/a~2"}) EXPECT_FALSE(JsonPointer::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace passgate::sync::test
