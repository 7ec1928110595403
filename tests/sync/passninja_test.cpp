// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passninja.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sync/provider/make_provider.h"
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
  settings.page_size = 2;
  settings.redeem_fields = {{"redeemed-at", "{time}"}, {"gate", "{terminal}/{reader} {tap_id}"}};
  return settings;
}

json row(std::string_view id, std::string_view status = "Active") {
  return {{"id", id},         {"passTemplate", "ptk_0x14"},           {"serialNumber", id},
          {"status", status}, {"issuedDate", "2024-04-23T10:15:00Z"}, {"recipient", nullptr}};
}

json page(std::size_t number, std::size_t pages, std::size_t total, std::vector<json> rows) {
  return {{"passes", rows},
          {"meta",
           {{"current_page", number},
            {"total_pages", pages},
            {"total_count", total},
            {"per_page", 2}}}};
}

struct PassNinjaSweepTest : ::testing::Test {
  PassNinja provider{settings()};
  std::unique_ptr<SweepSession> session = provider.sweep({"ptk_0x14", "id"}, "");

  SweepStep take(const json& body) { return session->take(answer(200, body.dump()), kNow); }
  Failure failure(const HttpAnswer& from) {
    const auto step = session->take(from, kNow);
    EXPECT_TRUE(std::holds_alternative<Failure>(step));
    return std::holds_alternative<Failure>(step) ? std::get<Failure>(step) : Failure{};
  }
};

TEST_F(PassNinjaSweepTest, AsksForThePagesOfItsTemplateWithTheAccountsHeaders) {
  const auto request = session->request();
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, "https://api.example/v1/passes/ptk_0x14?page=1&per_page=2");
  EXPECT_EQ(request.headers[1], (std::pair<std::string, std::string>("X-ACCOUNT-ID", "aid_0xa01")));
  ASSERT_EQ(request.secret_headers.size(), 1U);
  EXPECT_EQ(request.secret_headers[0].name, "X-API-KEY");
  EXPECT_EQ(text_of(request.secret_headers[0].value->expose()), "91dbb1e7af9c80aba6ed3f95a1545b4e");
}

TEST_F(PassNinjaSweepTest, ReadsPageAfterPageToTheLast) {
  const auto first = take(page(1, 2, 3, {row("a"), row("b", "Expired")}));
  ASSERT_TRUE(std::holds_alternative<PassPage>(first));
  EXPECT_EQ(std::get<PassPage>(first).rows,
            (std::vector<MirrorRow>{{"a", "", gate::PassState::valid, {}, {}},
                                    {"b", "", gate::PassState::expired, {}, {}}}));
  EXPECT_EQ(session->request().url, "https://api.example/v1/passes/ptk_0x14?page=2&per_page=2");
  const auto second = take(page(2, 2, 3, {row("c")}));
  ASSERT_TRUE(std::holds_alternative<LastPage>(second));
  EXPECT_EQ(std::get<LastPage>(second).page.rows[0].join_value, "c");
  EXPECT_EQ(std::get<LastPage>(second).distinct, 3U);
}

TEST_F(PassNinjaSweepTest, EndsAtOnceForATemplateWithoutPasses) {
  for (const std::size_t pages : {0U, 1U}) {
    session = provider.sweep({"ptk_0x14", "id"}, "");
    const auto step = take(page(1, pages, 0, {}));
    ASSERT_TRUE(std::holds_alternative<LastPage>(step)) << pages;
    EXPECT_EQ(std::get<LastPage>(step).distinct, 0U);
  }
}

TEST_F(PassNinjaSweepTest, DoesNotRefuseAPassThatWasTakenOutOfTheWallet) {
  const auto step = take(page(1, 1, 2, {row("a", "Removed"), row("b", "N/A")}));
  ASSERT_TRUE(std::holds_alternative<LastPage>(step));
  const auto& read = std::get<LastPage>(step).page;
  EXPECT_EQ(read.rows[0].state, gate::PassState::valid);
  EXPECT_EQ(read.rows[1].state, gate::PassState::unknown);
  EXPECT_EQ(read.unmapped, 0U);
}

TEST_F(PassNinjaSweepTest, CountsStatusWordsItDoesNotKnowAndTakesThemForUnknown) {
  const auto step = take(page(1, 1, 1, {row("a", "Frozen")}));
  ASSERT_TRUE(std::holds_alternative<LastPage>(step));
  EXPECT_EQ(std::get<LastPage>(step).page.rows[0].state, gate::PassState::unknown);
  EXPECT_EQ(std::get<LastPage>(step).page.unmapped, 1U);
}

TEST(PassNinjaSweep, LetsTheConfiguredMapDecideBeforeItsOwn) {
  auto with_map = settings();
  with_map.status_map = {{"Removed", gate::PassState::voided}, {"Frozen", gate::PassState::voided}};
  const PassNinja provider(std::move(with_map));
  const auto session = provider.sweep({"ptk_0x14", "serial"}, "");
  const auto body = page(1, 1, 2, {row("a", "Removed"), row("b", "Frozen")}).dump();
  const auto step = session->take(answer(200, body), kNow);
  ASSERT_TRUE(std::holds_alternative<LastPage>(step));
  for (const auto& read : std::get<LastPage>(step).page.rows) {
    EXPECT_EQ(read.state, gate::PassState::voided);
  }
}

TEST_F(PassNinjaSweepTest, StartsOverWhenTheTotalChangesAndGivesUpAfterThreeTimes) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(std::holds_alternative<PassPage>(take(page(1, 2, 3, {row("a"), row("b")}))));
    ASSERT_TRUE(std::holds_alternative<StartOver>(take(page(2, 2, 4, {row("c"), row("d")}))));
    EXPECT_EQ(session->request().url, "https://api.example/v1/passes/ptk_0x14?page=1&per_page=2");
  }
  ASSERT_TRUE(std::holds_alternative<PassPage>(take(page(1, 2, 3, {row("a"), row("b")}))));
  const auto last = failure(answer(200, page(2, 2, 4, {row("c"), row("d")}).dump()));
  EXPECT_EQ(last.error, Error(Errc::bad_reply));
  EXPECT_EQ(last.remedy, Remedy::give_up);
}

TEST_F(PassNinjaSweepTest, StartsOverWhenFewerPassesCameThanThereAre) {
  ASSERT_TRUE(std::holds_alternative<PassPage>(take(page(1, 2, 4, {row("a"), row("b")}))));
  EXPECT_TRUE(std::holds_alternative<StartOver>(take(page(2, 2, 4, {row("c")}))));
}

TEST_F(PassNinjaSweepTest, TellsHowManyPassesThereAre) {
  const auto step = take(page(1, 2, 3, {row("a"), row("b")}));
  EXPECT_EQ(std::get<PassPage>(step).total, 3U);
}

TEST_F(PassNinjaSweepTest, GoesOnBehindThePageThatWasStoredLast) {
  const auto first = take(page(1, 3, 5, {row("a"), row("b")}));
  const auto& checkpoint = std::get<PassPage>(first).checkpoint;
  ASSERT_FALSE(checkpoint.empty());
  ASSERT_LE(checkpoint.size(), 4096U);
  session = provider.sweep({"ptk_0x14", "id"}, checkpoint);
  EXPECT_EQ(session->request().url, "https://api.example/v1/passes/ptk_0x14?page=2&per_page=2");
  ASSERT_TRUE(std::holds_alternative<PassPage>(take(page(2, 3, 5, {row("c"), row("d")}))));
  const auto last = take(page(3, 3, 5, {row("e")}));
  ASSERT_TRUE(std::holds_alternative<LastPage>(last));
  EXPECT_EQ(std::get<LastPage>(last).distinct, 5U);
}

TEST_F(PassNinjaSweepTest, StartsOverWhenTheTotalChangedWhileNobodyWasReading) {
  const auto first = take(page(1, 2, 4, {row("a"), row("b")}));
  session = provider.sweep({"ptk_0x14", "id"}, std::get<PassPage>(first).checkpoint);
  EXPECT_TRUE(std::holds_alternative<StartOver>(take(page(2, 2, 3, {row("c")}))));
  EXPECT_EQ(session->request().url, "https://api.example/v1/passes/ptk_0x14?page=1&per_page=2");
}

TEST_F(PassNinjaSweepTest, RecognisesAfterARestartThatThePagesRepeatThemselves) {
  const auto first = take(page(1, 9, 18, {row("a"), row("b")}));
  session = provider.sweep({"ptk_0x14", "id"}, std::get<PassPage>(first).checkpoint);
  EXPECT_EQ(failure(answer(200, page(2, 9, 18, {row("a"), row("b")}).dump())).error,
            Error(Errc::bad_reply));
}

TEST_F(PassNinjaSweepTest, BeginsAnewWithACheckpointThatIsNotForThesePages) {
  const auto first = take(page(1, 3, 5, {row("a"), row("b")}));
  const auto good = json::parse(std::get<PassPage>(first).checkpoint);
  std::vector<std::string> foreign = {"", "nonsense", "[]", "{}", std::string(5000, '[')};
  for (const auto& [member, value] :
       std::vector<std::pair<std::string, json>>{{"page_size", 3},
                                                 {"join", "serial"},
                                                 {"page", 0},
                                                 {"page", 3},
                                                 {"page", -1},
                                                 {"page", "1"},
                                                 {"rows", 10'000'001},
                                                 {"first", nullptr}}) {
    auto changed = good;
    changed[member] = value;
    foreign.push_back(changed.dump());
  }
  for (const auto& checkpoint : foreign) {
    session = provider.sweep({"ptk_0x14", "id"}, checkpoint);
    EXPECT_EQ(session->request().url, "https://api.example/v1/passes/ptk_0x14?page=1&per_page=2")
        << checkpoint.substr(0, 80);
  }
}

TEST_F(PassNinjaSweepTest, RefusesAServerThatAnswersWithTheSamePageForEver) {
  ASSERT_TRUE(std::holds_alternative<PassPage>(take(page(1, 9, 18, {row("a"), row("b")}))));
  EXPECT_EQ(failure(answer(200, page(1, 9, 18, {row("a"), row("b")}).dump())).error,
            Error(Errc::bad_reply));
}

TEST_F(PassNinjaSweepTest, RefusesTheSameRowsUnderAnotherPageNumber) {
  ASSERT_TRUE(std::holds_alternative<PassPage>(take(page(1, 9, 18, {row("a"), row("b")}))));
  EXPECT_EQ(failure(answer(200, page(2, 9, 18, {row("a"), row("b")}).dump())).error,
            Error(Errc::bad_reply));
}

TEST_F(PassNinjaSweepTest, RefusesWhatIsNotAPageOfPasses) {
  const auto good = page(1, 1, 1, {row("a")});
  const auto with = [&](const json::json_pointer& at, const json& value) {
    auto changed = good;
    changed[at] = value;
    return changed.dump();
  };
  const std::vector<std::string> bodies = {
      "",
      "<!doctype html><title>We'll be back</title>",
      good.dump().substr(0, good.dump().size() / 2),
      "[]",
      "null",
      R"({"passes":[]})",
      R"({"meta":{"current_page":1,"total_pages":1,"total_count":0}})",
      with("/passes"_json_pointer, json::object()),
      with("/passes/0"_json_pointer, "a"),
      with("/passes/0/id"_json_pointer, 7),
      with("/passes/0/id"_json_pointer, ""),
      with("/passes/0/id"_json_pointer, std::string(257, 'x')),
      with("/passes/0/status"_json_pointer, nullptr),
      with("/meta/current_page"_json_pointer, "1"),
      with("/meta/current_page"_json_pointer, 2),
      with("/meta/total_pages"_json_pointer, -1),
      with("/meta/total_pages"_json_pointer, 1.5),
      with("/meta/total_count"_json_pointer, 10'000'001),
      with("/meta/total_count"_json_pointer, 18446744073709551615ULL),
      std::string(100'000, '['),
  };
  for (const auto& body : bodies) {
    session = provider.sweep({"ptk_0x14", "id"}, "");
    const auto got = failure(answer(200, body));
    EXPECT_EQ(got.error, Error(Errc::bad_reply)) << body.substr(0, 80);
    EXPECT_EQ(got.remedy, Remedy::give_up) << body.substr(0, 80);
  }
}

struct StatusCase {
  int status;
  Remedy remedy;
  Errc code;
};

class PassNinjaStatusTest : public ::testing::TestWithParam<StatusCase> {};

TEST_P(PassNinjaStatusTest, SaysWhatIsToBeDone) {
  const auto& expected = GetParam();
  const PassNinja provider(settings());
  const auto refusal = answer(expected.status, R"({"error":"no","code":"XX1"})");
  const auto swept = provider.sweep({"ptk_0x14", "id"}, "")->take(refusal, kNow);
  const auto redeemed = provider.redeem({}, "")->take(refusal, kNow);
  ASSERT_TRUE(std::holds_alternative<Failure>(swept));
  ASSERT_TRUE(std::holds_alternative<Failure>(redeemed));
  for (const auto& failure : {std::get<Failure>(swept), std::get<Failure>(redeemed)}) {
    EXPECT_EQ(failure.remedy, expected.remedy);
    EXPECT_EQ(failure.error, Error(expected.code, expected.status));
  }
}

INSTANTIATE_TEST_SUITE_P(Statuses, PassNinjaStatusTest,
                         ::testing::Values(StatusCase{301, Remedy::give_up, Errc::rejected},
                                           StatusCase{400, Remedy::give_up, Errc::rejected},
                                           StatusCase{401, Remedy::pause, Errc::rejected},
                                           StatusCase{402, Remedy::pause, Errc::rejected},
                                           StatusCase{403, Remedy::pause, Errc::rejected},
                                           StatusCase{404, Remedy::give_up, Errc::rejected},
                                           StatusCase{408, Remedy::retry, Errc::rejected},
                                           StatusCase{425, Remedy::retry, Errc::rejected},
                                           StatusCase{429, Remedy::retry, Errc::rate_limited},
                                           StatusCase{500, Remedy::retry, Errc::rejected},
                                           StatusCase{503, Remedy::retry, Errc::rejected}),
                         [](const auto& which) {
                           return fmt::format("Http{}", which.param.status);
                         });

TEST_F(PassNinjaSweepTest, PassesOnHowLongTheProviderAsksToWait) {
  EXPECT_EQ(failure(answer(429, "", {{"retry-after", "7"}})).retry_after, Milliseconds(7000));
  const auto dated = failure(answer(429, "", {{"retry-after", "Fri, 20 Nov 2026 10:00:09 GMT"}}));
  EXPECT_EQ(dated.retry_after, Milliseconds(9000));
}

runtime::ProviderConfig provider_config() {
  runtime::ProviderConfig config;
  config.name = "main";
  config.kind = "passninja";
  config.base_url = "https://api.example/v1/";
  return config;
}

LookUpStep looked_up(const PassNames& pass, const HttpAnswer& from,
                     const ProviderTemplate& of = {"ptk_0x14", "id"}) {
  const PassNinja provider(settings());
  const auto session = provider.look_up(of, pass);
  return session->take(from, kNow);
}

TEST(PassNinjaLookUp, SearchesTheListBecauseAPassByItselfShowsNoStatus) {
  const PassNinja provider(settings());
  const auto session =
      provider.look_up({"ptk_0x14", "id"}, {.id = "a/b&c", .serial = "", .code = ""});
  ASSERT_NE(session, nullptr);
  const auto step = session->start();
  ASSERT_TRUE(std::holds_alternative<HttpRequest>(step));
  EXPECT_EQ(std::get<HttpRequest>(step).url,
            "https://api.example/v1/passes/ptk_0x14?page=1&per_page=2&search=a%2Fb%26c");
}

TEST(PassNinjaLookUp, CannotAskByACode) {
  const PassNinja provider(settings());
  EXPECT_EQ(provider.look_up({"ptk_0x14", "id"}, {.id = "", .serial = "", .code = "c"}), nullptr);
}

TEST(PassNinjaLookUp, TakesTheExactMatchAmongThoseThatLookLikeIt) {
  const auto body = page(1, 3, 5, {row("abc"), row("ab", "Expired")}).dump();
  for (const auto& names : {PassNames{"ab", "", ""}, PassNames{"", "ab", ""}}) {
    const auto step = looked_up(names, answer(200, body));
    ASSERT_TRUE(std::holds_alternative<MirrorRow>(step));
    EXPECT_EQ(std::get<MirrorRow>(step),
              (MirrorRow{"ab", "", gate::PassState::expired, std::nullopt, std::nullopt}));
  }
}

TEST(PassNinjaLookUp, JoinsByTheSerialNumberAndKeepsTheIdBesideIt) {
  auto other = row("id-1");
  other["serialNumber"] = "serial-1";
  const auto step = looked_up({"", "serial-1", ""}, answer(200, page(1, 1, 1, {other}).dump()),
                              {"ptk_0x14", "serial"});
  ASSERT_TRUE(std::holds_alternative<MirrorRow>(step));
  EXPECT_EQ(std::get<MirrorRow>(step).join_value, "serial-1");
  EXPECT_EQ(std::get<MirrorRow>(step).provider_id, "id-1");
}

TEST(PassNinjaLookUp, CallsGoneWhatIsNotThere) {
  const PassNames names{"ab", "", ""};
  EXPECT_TRUE(
      std::holds_alternative<Gone>(looked_up(names, answer(200, page(1, 0, 0, {}).dump()))));
  EXPECT_TRUE(std::holds_alternative<Gone>(
      looked_up(names, answer(200, page(1, 1, 1, {row("abc")}).dump()))));
}

TEST(PassNinjaLookUp, NeverCallsGoneWhatMayBeOnAnotherPageOrWasNotAnswered) {
  const PassNames names{"ab", "", ""};
  const auto failed = [&names](const HttpAnswer& from) {
    const auto step = looked_up(names, from);
    EXPECT_TRUE(std::holds_alternative<Failure>(step));
    return std::holds_alternative<Failure>(step) ? std::get<Failure>(step) : Failure{};
  };
  const auto more = failed(answer(200, page(1, 2, 3, {row("abc"), row("abd")}).dump()));
  EXPECT_EQ(more.remedy, Remedy::give_up);
  EXPECT_EQ(more.error, Error(Errc::bad_reply));
  EXPECT_EQ(failed(answer(200, "{}")).error, Error(Errc::bad_reply));
  EXPECT_EQ(failed(answer(200, "<html>")).error, Error(Errc::bad_reply));
  // The list answers 404 for a template that is not there, and so does a wrong
  // address: neither says anything of a pass.
  EXPECT_EQ(failed(answer(404)).remedy, Remedy::give_up);
  EXPECT_EQ(failed(answer(503)).remedy, Remedy::retry);
  EXPECT_EQ(failed(answer(401)).remedy, Remedy::pause);
  EXPECT_EQ(failed(answer(429)).error, Error(Errc::rate_limited, 429));
}

ProviderSecrets with_key() {
  ProviderSecrets secrets;
  secrets.api_key = secret("k");
  return secrets;
}

TEST(MakeProvider, KnowsItsKindsAndNamesWhatItDoesNotKnow) {
  EXPECT_TRUE(make_provider(provider_config(), with_key()));
  auto other = provider_config();
  other.kind = "acme";
  EXPECT_EQ(make_provider(other, with_key()).error(), "kind 'acme' is not supported");
}

TEST(MakeProvider, RecordsUsesOnlyWhenThereAreFieldsToRecordThemIn) {
  auto config = provider_config();
  EXPECT_FALSE((*make_provider(config, with_key()))->redeems());
  config.redeem.fields = {{"redeemed-at", "{time}"}};
  EXPECT_TRUE((*make_provider(config, with_key()))->redeems());
  config.redeem.mode = "none";
  EXPECT_FALSE((*make_provider(config, with_key()))->redeems());
}

TEST(TemplatesOf, AsksForEachTemplateOnceAndRefusesWhatCannotBeJoined) {
  runtime::Config config;
  config.providers = {provider_config()};
  runtime::PassConfig pass;
  pass.provider = "main";
  pass.name = pass.pass_template = "one";
  config.passes = {pass, pass};
  EXPECT_EQ(templates_of(config, config.providers[0]),
            (std::vector<ProviderTemplate>{{"one", "id"}}));
  config.passes[1].join = "serial";
  EXPECT_FALSE(templates_of(config, config.providers[0]));
  config.passes[1].join = "code";
  EXPECT_FALSE(templates_of(config, config.providers[0]));
}

}  // namespace
}  // namespace passgate::sync::test
