// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sync/provider/make_provider.h"
#include "sync/provider/passinstance.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;

const WallTime kNow = from_rfc3339("2026-11-20T10:00:00Z").value();

runtime::ProviderConfig config() {
  runtime::ProviderConfig config;
  config.name = "inst";
  config.kind = "passinstance";
  config.base_url = "https://api.example/";
  config.page_size = 2;
  config.get_path = "/passes/{id}";
  config.list.emplace();
  config.list->path = "/passes?templateId={template}&page={page}&limit={page_size}";
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

Failure failure_in(const auto& step) {
  const auto* failure = std::get_if<Failure>(&step);
  EXPECT_NE(failure, nullptr);
  return failure != nullptr ? *failure : Failure{};
}

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
  json known = {{"id", "pass_1"}};
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

TEST(PassinstanceUpdate, AddressesThePassByItsIdAndWaitsForTheListWhereThatIsNotKnown) {
  auto from = config();
  from.redeem.method = "PATCH";
  const auto provider = made(from);
  auto by_serial = order();
  by_serial.join = "serial";
  by_serial.pass_id = "S-1";
  const auto unknown = failure_in(provider->redeem(by_serial, "")->start());
  EXPECT_EQ(unknown.remedy, Remedy::wait) << "for the list";
  EXPECT_EQ(unknown.error, Error(Errc::not_listed));
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
  for (const auto& got : {failure_in(provider->sweep({"tpl_1", "id"}, "")->take(refusal, kNow)),
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

}  // namespace
}  // namespace passgate::sync::test
