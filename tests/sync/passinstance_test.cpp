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
  config.valid_until = "/expirationDate";
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
