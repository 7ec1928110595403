// SPDX-License-Identifier: Apache-2.0
#include "sync/events.h"

#include <nlohmann/json.hpp>

#include "gate/merge.h"
#include "sync/job_plan.h"
#include "sync/redemption.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

// The example of the event format, in one line.
constexpr std::string_view kExample =
    R"({"specversion":"1.0","id":"019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11-redeemed",)"
    R"("source":"/terminals/gate-a1","type":"passgate.pass.redeemed",)"
    R"("subject":"ptk_0x14/838b8cf60dac2bfad9","time":"2026-11-20T19:04:11.482Z",)"
    R"("sequence":"00000000000000004711","datacontenttype":"application/json",)"
    R"("data":{"tap_id":"019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11","terminal":"gate-a1",)"
    R"("reader":"north-1","zone":"north","direction":"entry","wallet":"apple",)"
    R"("pass":"season-ticket","pass_template":"ptk_0x14","pass_id":"838b8cf60dac2bfad9",)"
    R"("decision":"admit","reason":"ok","use":1,)"
    R"("time_of_scan":"2026-11-20T19:04:11Z","clock":"synchronised"}})";

TEST(Events, AreByteForByteWhatTheFormatDocuments) {
  const auto events = events_of(example_tap());
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].body, kExample);
  EXPECT_EQ(events[1].id, "019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11-redeemed");
}

TEST(Events, TellAScanBeforeTheRedemptionOfTheSameTap) {
  const auto events = events_of(example_tap());
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].type, kScannedType);
  EXPECT_EQ(events[0].id, "019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11-scanned");
  EXPECT_EQ(events[1].type, kRedeemedType);
}

TEST(Events, TellOnlyAScanWhenNoUseWasConsumed) {
  auto tap = example_tap();
  tap.decision = gate::Decision::deny;
  tap.reason = gate::Reason::already_redeemed;
  tap.use_no.reset();
  const auto events = events_of(tap);
  ASSERT_EQ(events.size(), 1U);
  const auto body = nlohmann::json::parse(events[0].body);
  EXPECT_EQ(body["type"], "passgate.pass.scanned");
  EXPECT_EQ(body["data"]["decision"], "deny");
  EXPECT_EQ(body["data"]["reason"], "already_redeemed");
  EXPECT_FALSE(body["data"].contains("use"));
}

TEST(Events, TellAConflictInTheSameBytesAtEveryTerminal) {
  auto about = example_tap();
  const gate::FoundConflict found{.tap = about.tap_id,
                                  .kind = gate::Conflict::duplicate_offline,
                                  .against = about.tap_id,
                                  .order_certain = true};
  auto here = gate::conflict_record(found, about, false, 0);
  about.position = 17;
  auto there = gate::conflict_record(found, about, false, 0);
  here.position = 4711, there.position = 12;
  const auto events = events_of(here);
  ASSERT_EQ(events.size(), 1U) << "neither a scan nor a use";
  EXPECT_EQ(events[0].body, events_of(there).at(0).body);
  EXPECT_EQ(events[0].type, "passgate.pass.conflict");
  EXPECT_EQ(events[0].id, here.tap_id.text() + "-conflict");
  const auto body = nlohmann::json::parse(events[0].body);
  EXPECT_FALSE(body.contains("sequence"));
  EXPECT_EQ(body["source"], "/terminals/gate-a1");
  EXPECT_EQ(body["data"]["conflict"], "duplicate_offline");
  EXPECT_EQ(body["data"]["refers"], about.tap_id.text());
  EXPECT_EQ(body["data"]["order_certain"], true);
  EXPECT_EQ(body["data"]["withdrawn"], false);
  EXPECT_FALSE(body["data"].contains("use"));
}

TEST(JobPlan, AConflictIsNoRedemption) {
  const auto about = example_tap();
  const auto record = gate::conflict_record({.tap = about.tap_id}, about, false, 0);
  const auto jobs =
      jobs_of({&record, 1}, {.subscribers = {{"backend", {std::string(kConflictType)}}},
                             .redeeming_providers = {about.provider}});
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].to.kind, JobKind::delivery);
}

TEST(Events, NameTheObjectOfAGooglePass) {
  auto tap = example_tap();
  EXPECT_FALSE(nlohmann::json::parse(events_of(tap)[0].body)["data"].contains("object_id"));
  tap.wallet = gate::Wallet::google;
  tap.object_id = "21c94a5101e25eaa";
  const auto data = nlohmann::json::parse(events_of(tap)[1].body)["data"];
  EXPECT_EQ(data["wallet"], "google");
  EXPECT_EQ(data["object_id"], "21c94a5101e25eaa");
}

TEST(Events, NameTheTemplateAloneWhenNoKeyOpenedThePass) {
  auto tap = example_tap();
  tap.pass_id.clear();
  tap.use_no.reset();
  tap.reason = gate::Reason::undecryptable;
  EXPECT_EQ(nlohmann::json::parse(events_of(tap)[0].body)["subject"], "ptk_0x14");
}

TEST(Events, StayValidJsonAndAnUriReferenceWhateverTheNamesHold) {
  auto tap = example_tap();
  tap.terminal = "gate a1/ä";
  tap.reader = "bad \xff name";
  const auto body = nlohmann::json::parse(events_of(tap)[0].body);
  EXPECT_EQ(body["source"], "/terminals/gate%20a1%2F%C3%A4");
  EXPECT_EQ(body["data"]["terminal"], "gate a1/ä");
}

/// A person's act on the example.
gate::TapRecord act(gate::Kind kind) {
  auto record = tap_at(4712, "838b8cf60dac2bfad9");
  record.kind = kind;
  record.refers = example_tap().tap_id;
  record.operator_id = "anna";
  record.why = "knows her";
  if (kind == gate::Kind::override) {
    record.reason = gate::Reason::already_redeemed;
    record.use_no = 2;
    record.needed = true;
  } else {
    record.decision = gate::Decision::deny;
    record.use_no.reset();
  }
  return record;
}

TEST(Events, TellWhoOverrodeWhatAndThatAUseWasConsumed) {
  const auto events = events_of(act(gate::Kind::override));
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].id, "019a9c3e-7b1f-7a52-9b0e-000000001268-overridden");
  EXPECT_EQ(events[1].type, kRedeemedType);
  const auto body = nlohmann::json::parse(events[0].body);
  EXPECT_EQ(body["type"], "passgate.pass.overridden");
  const auto& data = body["data"];
  EXPECT_EQ(data["overrides"], (nlohmann::json{{"tap_id", example_tap().tap_id.text()},
                                               {"reason", "already_redeemed"}}));
  EXPECT_EQ(data["operator"], "anna");
  EXPECT_EQ(data["why"], "knows her");
  EXPECT_EQ(data["needed"], true);
  EXPECT_EQ(data["decision"], "admit");
  EXPECT_EQ(data["reason"], "ok") << "whoever counts admissions need not know of overrides";
  EXPECT_EQ(data["use"], 2);
}

TEST(Events, TellWhoTookAnAdmissionBackAndNoScan) {
  const auto events = events_of(act(gate::Kind::undo));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].id, "019a9c3e-7b1f-7a52-9b0e-000000001268-undone");
  const auto body = nlohmann::json::parse(events[0].body);
  EXPECT_EQ(body["type"], "passgate.pass.undone");
  EXPECT_EQ(body["data"]["undoes"], (nlohmann::json{{"tap_id", example_tap().tap_id.text()}}));
  EXPECT_EQ(body["data"]["operator"], "anna");
  EXPECT_FALSE(body["data"].contains("needed"));
}

TEST(Events, TellPartyFlagAndClockErrorWhereThereAreSome) {
  auto tap = example_tap();
  tap.party = 3;
  tap.flag = gate::Flag::partial_party;
  tap.clock_error = Milliseconds(250);
  const auto data = nlohmann::json::parse(events_of(tap)[1].body)["data"];
  EXPECT_EQ(data["party"], 3);
  EXPECT_EQ(data["flag"], "partial_party");
  EXPECT_EQ(data["clock_error_ms"], 250);
}

Routes routes() {
  return {.subscribers = {{"both", {std::string(kScannedType), std::string(kRedeemedType)}},
                          {"uses", {std::string(kRedeemedType)}}},
          .redeeming_providers = {"main"}};
}

TEST(JobPlan, TellsEverySubscriberWhatItAskedForAndTheProviderTheUse) {
  const std::vector taps{example_tap()};
  const auto jobs = jobs_of(taps, routes());
  ASSERT_EQ(jobs.size(), 4U);
  EXPECT_EQ(jobs[0].to, (Destination{JobKind::delivery, "both"}));
  EXPECT_EQ(jobs[1].to, (Destination{JobKind::delivery, "both"}));
  EXPECT_EQ(jobs[2].to, (Destination{JobKind::delivery, "uses"}));
  EXPECT_EQ(jobs[2].body, kExample);
  EXPECT_EQ(jobs[3].to, (Destination{JobKind::redemption, "main"}));
  for (const auto& job : jobs) EXPECT_EQ(job.pass_key, "ptk_0x14/838b8cf60dac2bfad9");
}

TEST(JobPlan, RedeemsNothingThatConsumedNoUseOrHasNoProviderThatRecordsUses) {
  auto denied = tap_at(1, "p");
  denied.use_no.reset();
  auto elsewhere = tap_at(2, "p");
  elsewhere.provider = "other";
  const std::vector taps{denied, elsewhere};
  for (const auto& job : jobs_of(taps, routes())) EXPECT_EQ(job.to.kind, JobKind::delivery);
}

TEST(JobPlan, TakesBackAtTheProviderWhatAPersonUndid) {
  const std::vector taps{act(gate::Kind::undo)};
  const auto jobs = jobs_of(taps, routes());
  ASSERT_EQ(jobs.size(), 1U) << "nobody asked for the event";
  const auto tap = example_tap().tap_id.text();
  EXPECT_EQ(jobs[0].to, (Destination{JobKind::redemption, "main"}));
  EXPECT_EQ(jobs[0].event_id, undo_event_id(tap));
  EXPECT_EQ(jobs[0].takes_back, redemption_event_id(tap));
  EXPECT_EQ(jobs[0].pass_key, "ptk_0x14/838b8cf60dac2bfad9");
  EXPECT_TRUE(is_undo(jobs[0].body));
  const auto order = redemption_order(jobs[0].body);
  ASSERT_TRUE(order);
  EXPECT_EQ(order->tap_id, example_tap().tap_id) << "the one that was redeemed";
  EXPECT_TRUE(order->this_use_only);
}

TEST(JobPlan, RedeemsWhatAPersonLetIn) {
  const std::vector taps{act(gate::Kind::override)};
  const auto jobs = jobs_of(taps, routes());
  ASSERT_EQ(jobs.size(), 3U);
  EXPECT_EQ(jobs[2].to, (Destination{JobKind::redemption, "main"}));
  EXPECT_TRUE(jobs[2].takes_back.empty());
}

TEST(JobPlan, DoesNotQueuePassesNobodyCouldOpenBehindEachOther) {
  auto one = tap_at(1, "");
  auto other = tap_at(2, "");
  one.use_no.reset();
  other.use_no.reset();
  const std::vector taps{one, other};
  const auto jobs = jobs_of(taps, routes());
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_NE(jobs[0].pass_key, jobs[1].pass_key);
}

TEST(Redemption, SurvivesTheOutbox) {
  auto tap = example_tap();
  tap.object_id = "21c94a5101e25eaa";
  const auto order = redemption_order(redemption_body(tap));
  ASSERT_TRUE(order);
  EXPECT_EQ(order->tap_id, example_tap().tap_id);
  EXPECT_EQ(order->at, example_tap().at);
  EXPECT_EQ(order->terminal, "gate-a1");
  EXPECT_EQ(order->reader, "north-1");
  EXPECT_EQ(order->pass_template, "ptk_0x14");
  EXPECT_EQ(order->pass_id, "838b8cf60dac2bfad9");
  EXPECT_EQ(order->object_id, "21c94a5101e25eaa");
  EXPECT_EQ(redemption_order(R"({"tap_id":1})").error().code(), Errc::bad_value);
}

}  // namespace
}  // namespace passgate::sync::test
