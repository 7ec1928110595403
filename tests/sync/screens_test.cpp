// SPDX-License-Identifier: Apache-2.0
// The pages as passgate-syncd hands them out, and the words they are made of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "gate/vocabulary.h"
#include "sync/screens/assets.h"
#include "sync/service/accept_language.h"
#include "sync/service/screens_route.h"

namespace passgate::sync {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

HttpAsk ask_for(std::vector<std::string> path, std::string method = "GET") {
  HttpAsk ask;
  ask.method = std::move(method);
  ask.path = std::move(path);
  return ask;
}

std::string header(const HttpReply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return "";
}

std::map<std::string, json> wordings() {
  std::map<std::string, json> all;
  for (const Asset& asset : assets()) {
    if (asset.name.ends_with(".json")) {
      all[std::string(asset.name.substr(0, asset.name.find('.')))] = json::parse(asset.content);
    }
  }
  return all;
}

std::set<std::string> keys(const json& object) {
  std::set<std::string> all;
  for (const auto& [key, value] : object.items()) all.insert(key);
  return all;
}

/// The {places} of a text.
std::set<std::string> places(const std::string& text) {
  std::set<std::string> found;
  for (auto at = text.find('{'); at != std::string::npos; at = text.find('{', at + 1)) {
    found.insert(text.substr(at, text.find('}', at) + 1 - at));
  }
  return found;
}

std::string page_language(const HttpReply& reply) {
  const auto at = reply.body.find("<html lang=\"");
  return at == std::string::npos ? "" : reply.body.substr(at + 12, 2);
}

TEST(Wordings, SayEveryReasonInTwoParts) {
  ASSERT_THAT(keys(json(wordings())), IsSupersetOf({"en", "de", "fr", "es"}));
  for (const auto& [language, words] : wordings()) {
    std::set<std::string> reasons;
    for (unsigned i = 0; i <= static_cast<unsigned>(gate::Reason::remote_unavailable); ++i) {
      const std::string reason(gate::name(static_cast<gate::Reason>(i)));
      reasons.insert(reason);
      ASSERT_TRUE(words["reasons"].contains(reason)) << language << " " << reason;
      EXPECT_NE(words["reasons"][reason].value("what", ""), "") << language << " " << reason;
      EXPECT_NE(words["reasons"][reason].value("do", ""), "") << language << " " << reason;
    }
    EXPECT_EQ(keys(words["reasons"]), reasons) << language;
  }
}

TEST(Wordings, HaveWhatEnglishHasWithTheSamePlaces) {
  const auto all = wordings();
  const json& english = all.at("en")["texts"];
  for (const auto& [language, words] : all) {
    ASSERT_EQ(keys(words["texts"]), keys(english)) << language;
    for (const auto& [key, text] : words["texts"].items()) {
      EXPECT_NE(text.get<std::string>(), "") << language << " " << key;
      EXPECT_EQ(places(text), places(english[key])) << language << " " << key;
    }
  }
}

/// What the terminal could not check is told apart from a pass it refused.
TEST(Wordings, NeverBlameThePassForWhatTheTerminalCannotDo) {
  for (const auto& [language, words] : wordings()) {
    const auto said = [&](const char* reason) { return words["reasons"][reason]["what"]; };
    for (const char* trouble : {"out_of_order", "remote_unavailable", "claim_unavailable",
                                "stale_cache", "clock_untrusted"}) {
      for (const char* refusal : {"unknown", "voided", "expired", "blocked", "undecryptable"}) {
        EXPECT_NE(said(trouble), said(refusal)) << language << " " << trouble;
      }
    }
    EXPECT_NE(words["texts"]["unchecked"], words["texts"]["deny"]) << language;
  }
}

TEST(AcceptLanguage, TakesTheBestOfWhatThereIs) {
  const std::vector<std::string_view> have = {"de", "en", "es", "fr"};
  const auto best = [&](std::string_view header) { return accepted_language(header, have); };
  EXPECT_EQ(best("de-AT,de;q=0.9,en;q=0.8"), "de");
  EXPECT_EQ(best("en;q=0.5, fr;q=0.7"), "fr");
  EXPECT_EQ(best("nl, ES ; q=0.4"), "es");
  EXPECT_EQ(best("fr;q=0, en;q=0.1"), "en");
  EXPECT_EQ(best("fr;q=nonsense, es;q=0.001"), "es");
  EXPECT_EQ(best("nl"), "");
  EXPECT_EQ(best(",;q=;;,"), "");
  EXPECT_EQ(best(""), "");
}

TEST(Screens, SpeakTheLanguageThatIsAskedFor) {
  auto ask = ask_for({"gate"});
  EXPECT_EQ(page_language(ScreensRoute::answer(ask)), "en");
  ask.headers = {{"accept-language", "fr-CH, de;q=0.5"}};
  EXPECT_EQ(page_language(ScreensRoute::answer(ask)), "fr");
  EXPECT_EQ(header(ScreensRoute::answer(ask), "Vary"), "Accept-Language");
  ask.query = {{"lang", "de-DE"}};
  EXPECT_EQ(page_language(ScreensRoute::answer(ask)), "de");
  ask.query = {{"lang", "\"><script>"}};
  EXPECT_EQ(page_language(ScreensRoute::answer(ask)), "fr");
}

TEST(Screens, KnowWhatIsTheirs) {
  using Page = ScreensRoute::Page;
  EXPECT_EQ(ScreensRoute::page(ask_for({})), Page::operate);
  EXPECT_EQ(ScreensRoute::page(ask_for({"gate"})), Page::gate);
  EXPECT_EQ(ScreensRoute::page(ask_for({"assets", "gate.js"})), Page::asset);
  EXPECT_EQ(ScreensRoute::page(ask_for({"gate", "x"})), Page::none);
  EXPECT_EQ(ScreensRoute::page(ask_for({"v1", "taps"})), Page::none);
}

TEST(Screens, LetNothingForeignInAndNobodyFrameThem) {
  for (const auto& path : std::vector<std::vector<std::string>>{
           {}, {"gate"}, {"assets", "gate.js"}, {"assets", "no.js"}}) {
    const auto reply = ScreensRoute::answer(ask_for(path));
    EXPECT_EQ(header(reply, "Content-Security-Policy"),
              "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
              "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    EXPECT_EQ(header(reply, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(header(reply, "X-Frame-Options"), "DENY");
    EXPECT_EQ(header(reply, "Referrer-Policy"), "no-referrer");
    EXPECT_EQ(header(reply, "Access-Control-Allow-Origin"), "");
  }
}

TEST(Screens, HoldNothingThatTheirPolicyForbids) {
  for (const Asset& asset : assets()) {
    const std::string text(asset.content);
    if (!asset.name.ends_with(".html")) {
      EXPECT_THAT(text, Not(HasSubstr("innerHTML"))) << asset.name;
      continue;
    }
    EXPECT_THAT(text, HasSubstr("<html lang=\"en\">")) << asset.name;
    EXPECT_THAT(text, Not(HasSubstr(" style="))) << asset.name;
    EXPECT_THAT(text, Not(HasSubstr("<style"))) << asset.name;
    EXPECT_THAT(text, Not(HasSubstr("//"))) << asset.name;
    for (auto at = text.find("<script"); at != std::string::npos;
         at = text.find("<script", at + 1)) {
      EXPECT_THAT(text.substr(at, text.find("</script>", at) - at), HasSubstr("src=\"/assets/"));
    }
  }
}

TEST(Screens, AreSentOnceAndAskedForAgain) {
  for (const auto& path :
       std::vector<std::vector<std::string>>{{}, {"gate"}, {"assets", "gate.css"}}) {
    auto ask = ask_for(path);
    const auto first = ScreensRoute::answer(ask);
    const auto etag = header(first, "ETag");
    EXPECT_EQ(first.status, 200);
    EXPECT_FALSE(first.body.empty());
    EXPECT_EQ(header(first, "Cache-Control"), "no-cache");
    EXPECT_THAT(etag, testing::MatchesRegex("\"[0-9a-f]{24}\""));
    ask.headers = {{"if-none-match", "\"other\", W/" + etag}};
    const auto again = ScreensRoute::answer(ask);
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(header(again, "ETag"), etag);
    ask.headers = {{"if-none-match", "\"other\""}};
    EXPECT_EQ(ScreensRoute::answer(ask).status, 200);
  }
}

TEST(Screens, HaveAnEtagForEachLanguage) {
  auto ask = ask_for({"gate"});
  const auto english = header(ScreensRoute::answer(ask), "ETag");
  ask.query = {{"lang", "de"}};
  EXPECT_NE(header(ScreensRoute::answer(ask), "ETag"), english);
}

TEST(Screens, AreOfTheirType) {
  const auto type = [](const char* name) {
    return ScreensRoute::answer(ask_for({"assets", name})).content_type;
  };
  EXPECT_EQ(type("gate.js"), "text/javascript; charset=utf-8");
  EXPECT_EQ(type("gate.css"), "text/css; charset=utf-8");
  EXPECT_EQ(type("de.json"), "application/json");
  EXPECT_EQ(type("icon.svg"), "image/svg+xml");
  EXPECT_EQ(ScreensRoute::answer(ask_for({})).content_type, "text/html; charset=utf-8");
}

TEST(Screens, AreOnlyRead) {
  EXPECT_EQ(ScreensRoute::answer(ask_for({"gate"}, "HEAD")).status, 200);
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    const auto reply = ScreensRoute::answer(ask_for({"gate"}, method));
    EXPECT_EQ(reply.status, 405) << method;
    EXPECT_EQ(header(reply, "Allow"), "GET, HEAD");
  }
}

TEST(Screens, HaveNoOtherParts) {
  for (const auto& path : std::vector<std::vector<std::string>>{{"assets"},
                                                                {"assets", ""},
                                                                {"assets", "gate.html"},
                                                                {"assets", "languages", "en.json"},
                                                                {"assets", ".."},
                                                                {"assets", "../gate.js"}}) {
    EXPECT_EQ(ScreensRoute::answer(ask_for(path)).status, 404);
  }
}

}  // namespace
}  // namespace passgate::sync
