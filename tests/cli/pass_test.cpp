// SPDX-License-Identifier: Apache-2.0
// `passgate pass`: what an operator reads of one pass.
#include "cli/pass.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gate/vocabulary.h"

namespace passgate::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const WallTime kNow = from_rfc3339("2026-11-20T21:04:11Z").value();

json answer() {
  return {{"type", "pass"},
          {"pass", "season-ticket"},
          {"template", "ptk_0x14"},
          {"pass_id", "838b"},
          {"provider", "main"},
          {"belief",
           {{"knowledge", "listed"},
            {"state", "valid"},
            {"valid_until", "2026-11-21T19:04:11.482Z"},
            {"swept_at", "2026-11-20T19:00:11.000Z"}}},
          {"history",
           {{"uses", 1}, {"first_use", "2026-11-20T19:04:11.483Z"}, {"first_reader", "north-1"}}},
          {"now",
           {{{"zone", "north"},
             {"readers", {"north-1", "north-2"}},
             {"decision", "deny"},
             {"reason", "already_redeemed"}},
            {{"zone", "vip"}, {"readers", {"vip-1"}}, {"decision", "admit"}, {"reason", "ok"}}}},
          {"taps",
           {{{"time", "2026-11-20T19:04:11.483Z"},
             {"reader", "north-1"},
             {"decision", "admit"},
             {"reason", "ok"},
             {"pass", "season-ticket"},
             {"pass_id", "838b"}}}}};
}

TEST(PassPage, SaysWhatWouldHappenNowAndWhy) {
  const auto page = pass_page(answer(), kNow);
  EXPECT_THAT(page, HasSubstr("pass     season-ticket  ptk_0x14  838b\n"));
  EXPECT_THAT(page, HasSubstr("now      north (north-1, north-2): would be refused, it was used "
                              "before (already_redeemed)\n"));
  EXPECT_THAT(page, HasSubstr("now      vip (vip-1): would be admitted\n"));
  EXPECT_THAT(page, HasSubstr("provider main: says valid, until 2026-11-21T19:04:11.482Z\n"));
  EXPECT_THAT(page, HasSubstr("list complete as of 2026-11-20T19:00:11.000Z, 2 h ago\n"));
  EXPECT_THAT(
      page,
      HasSubstr("uses     1 that this terminal knows of, the first 2026-11-20T19:04:11.483Z at "
                "north-1\n"));
  EXPECT_THAT(page, HasSubstr("tap      2026-11-20  19:04:11.483  north-1"));
}

TEST(PassPage, TellsTheWayOutFromTheWayIn) {
  json of = answer();
  of["now"] = {{{"zone", "north"},
                {"direction", "entry"},
                {"readers", {"north-1"}},
                {"decision", "deny"},
                {"reason", "passback"}},
               {{"zone", "north"},
                {"direction", "exit"},
                {"readers", {"out-1"}},
                {"decision", "admit"},
                {"reason", "ok"}}};
  const auto page = pass_page(of, kNow);
  EXPECT_THAT(page, HasSubstr("now      north (north-1): would be refused, "));
  EXPECT_THAT(page, HasSubstr("now      north (out-1), way out: would be admitted\n"));
}

TEST(PassPage, ExplainsEveryReasonThatTheRulesHave) {
  using enum gate::Reason;
  for (const auto reason :
       {revoked, blocked, stale_cache, clock_untrusted, voided, unknown, expired, not_yet_valid,
        already_redeemed, uses_exhausted, wrong_gate, direction, rule, passback, capacity}) {
    json of = answer();
    of["now"][0]["reason"] = name(reason);
    EXPECT_THAT(pass_page(of, kNow), HasSubstr(fmt::format(" ({})\n", name(reason))));
  }
}

TEST(PassPage, TellsNotCheckedFromNotListedFromNotHeardOf) {
  json of = answer();
  of["belief"] = {{"knowledge", "no_provider"}};
  EXPECT_THAT(pass_page(of, kNow), HasSubstr("provider none: validity is not checked\n"));
  of["belief"] = {{"knowledge", "not_listed"}, {"swept_at", "2026-11-10T19:00:11.000Z"}};
  EXPECT_THAT(pass_page(of, kNow), HasSubstr("does not list it"));
  EXPECT_THAT(pass_page(of, kNow), HasSubstr("10 days ago"));
  of["belief"] = {{"knowledge", "no_mirror"}};
  EXPECT_THAT(pass_page(of, kNow), HasSubstr("list complete as of never\n"));
}

TEST(PassPage, LetsNoPassControlTheOperatorsTerminal) {
  json evil = answer();
  const std::string escape = "\x1b]0;owned\x07\r\n";
  evil["pass_id"] = escape;
  evil["now"][0]["reason"] = "x";
  evil["now"][0]["readers"] = {escape};
  evil["taps"][0]["pass_id"] = escape;
  evil["belief"]["state"] = escape;
  for (const char c : pass_page(evil, kNow)) {
    EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7F)) << static_cast<int>(c);
  }
}

TEST(PassPage, SurvivesMissingMembers) {
  const auto page = pass_page(json::object(), kNow);
  EXPECT_THAT(page, HasSubstr("no reader in gate mode asks for this pass"));
  EXPECT_THAT(page, HasSubstr("none in the journal"));
}

}  // namespace
}  // namespace passgate::cli
