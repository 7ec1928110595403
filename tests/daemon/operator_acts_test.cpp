// SPDX-License-Identifier: Apache-2.0
// What a person decides against the rules, over a real journal and real taps.
#include "daemon/operator_acts.h"

#include <gtest/gtest.h>

#include "gate/overriding.h"
#include "tests/gate/mirror_writer.h"
#include "tests/rig/flow_fixture.h"

namespace passgate::daemon {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

class OperatorActsTest : public test::FlowFixture {
 protected:
  /// A rig with one use a pass, unless told otherwise, and somebody beside it.
  void start(test::FlowRig::Options options = {}) {
    rig(std::move(options));
    told_.clear();
  }
  OperatorActs acts() {
    return OperatorActs({.passes = rig_->terms(),
                         .rules = {.journal = *rig_->journal,
                                   .mirror = mirror_,
                                   .clock = clock_,
                                   .zones = zones_,
                                   .boot_id = "boot"},
                         .publish = [this](const TapReport& report) { told_.push_back(report); },
                         .allowed = allowed_});
  }
  static json question(const std::string& type, const std::string& tap,
                       const std::string& who = "anna", const std::string& why = "knows her") {
    return {{"type", type}, {"tap_id", tap}, {"operator", who}, {"why", why}};
  }
  json ask(const std::string& type, const TapId& tap) { return ask(question(type, tap.text())); }
  json ask(const json& question) {
    const auto answer = acts().answer(question);
    return answer ? *answer : json(name(answer.error().code()));
  }
  TapReport tap(const std::string& payload) {
    auto phone = rig_->phone(payload);
    rig_->clock.time += 10s;
    return rig_->tap(*phone);
  }
  unsigned inside() { return rig_->journal->inside("north", {}).value(); }

  gate::PassMirror mirror_{folder_ / "passes.db"};
  std::vector<gate::Reason> allowed_;
  std::vector<terms::CountedZone> zones_;
  /// The rig's, asked for its bound when the act is made and again when it is judged,
  /// after the history was read.
  struct AskedClock final : Clock {
    explicit AskedClock(OperatorActsTest& of) : test(of) {}
    WallTime now() const override { return test.rig_->clock.now(); }
    MonoTime monotonic() const override { return test.rig_->clock.monotonic(); }
    ClockState state() const override { return test.rig_->clock.state(); }
    std::optional<Milliseconds> error_bound() const override {
      if (++test.looks_ == 2 && test.between_) test.between_();
      return std::nullopt;
    }
    OperatorActsTest& test;
  };
  AskedClock clock_{*this};
  int looks_ = 0;
  std::function<void()> between_;
  std::vector<TapReport> told_;
};

TEST_F(OperatorActsTest, ARefusedGuestIsLetInOnceAndTheUseIsCounted) {
  start();
  tap("seat1");
  const TapReport refused = tap("seat1");
  ASSERT_EQ(refused.reason, gate::Reason::already_redeemed);
  const json act = ask("override", refused.tap_id);
  ASSERT_TRUE(act.is_object()) << act;
  EXPECT_EQ(act.at("new"), true);
  const json& record = act.at("tap");
  EXPECT_EQ(record.at("kind"), "override");
  EXPECT_EQ(record.at("decision"), "admit");
  EXPECT_EQ(record.at("reason"), "already_redeemed") << "what was set aside";
  EXPECT_EQ(record.at("refers"), refused.tap_id.text());
  EXPECT_EQ(record.at("operator"), "anna");
  EXPECT_EQ(record.at("why"), "knows her");
  EXPECT_EQ(record.at("use"), 2);
  EXPECT_EQ(record.at("needed"), true);
  EXPECT_EQ(record.at("pass_id"), "seat1");
  EXPECT_EQ(journalled().back(), gate::tap_record_from(record).value());
  EXPECT_EQ(inside(), 2U);
  // Whoever watches hears of it, by name; and no key was typed for it.
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(to_json(told_[0]).at("operator"), "anna");
  EXPECT_EQ(told_[0].decision, gate::Decision::admit);
  EXPECT_EQ(rig_->typed(), "seat1\n");
}

TEST_F(OperatorActsTest, ARepeatAnswersWithWhatStandsAndWritesNothing) {
  start();
  tap("seat1");
  const TapReport refused = tap("seat1");
  const json first = ask("override", refused.tap_id);
  const json again = ask(question("override", refused.tap_id.text(), "bert", "another reason"));
  EXPECT_EQ(again.at("new"), false);
  EXPECT_EQ(again.at("tap"), first.at("tap"));
  EXPECT_EQ(journalled().size(), 3U);
  EXPECT_EQ(told_.size(), 1U);
  const auto of = TapId::parse(first.at("tap").at("tap_id").get<std::string>()).value();
  const json undone = ask("undo", of);
  EXPECT_EQ(ask("undo", of).at("tap"), undone.at("tap"));
  EXPECT_EQ(journalled().size(), 4U);
  EXPECT_EQ(ask("override", refused.tap_id), "not_overridable") << "it was taken back";
}

TEST_F(OperatorActsTest, WhoeverWatchesHearsHowManyWereLetIn) {
  start({.pattern = "^(?P<pass_id>[a-z0-9]+)x(?P<party>[0-9]+)$",
         .policy = {.uses = 3, .max_party = 3, .partial_party = true}});
  tap("seat1x1");
  const TapReport partly = tap("seat1x3");
  ASSERT_EQ(partly.flag, gate::Flag::partial_party);
  const TapReport refused = tap("seat1x3");
  ASSERT_EQ(refused.reason, gate::Reason::uses_exhausted);
  ask("override", refused.tap_id);
  ask("undo", partly.tap_id);
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_EQ(told_[0].party, 3U);
  EXPECT_EQ(told_[1].party, 2U);
}

TEST_F(OperatorActsTest, AnUndoneAdmissionMayComeAgain) {
  start();
  const TapReport admitted = tap("seat1");
  ASSERT_EQ(tap("seat1").decision, gate::Decision::deny);
  const json act = ask("undo", admitted.tap_id);
  EXPECT_EQ(act.at("tap").at("kind"), "undo");
  EXPECT_EQ(act.at("tap").at("decision"), "deny");
  EXPECT_EQ(act.at("tap").at("refers"), admitted.tap_id.text());
  EXPECT_FALSE(act.at("tap").contains("use"));
  EXPECT_EQ(inside(), 0U);
  const TapReport again = tap("seat1");
  EXPECT_EQ(again.decision, gate::Decision::admit);
  EXPECT_EQ(again.use_no, 2U) << "a number never comes back";
  EXPECT_EQ(tap("seat1").reason, gate::Reason::already_redeemed);
}

TEST_F(OperatorActsTest, ActsUnderTheNameThatTheTerminalHadForTheTap) {
  start();
  tap("seat1");
  gate::TapRecord before = journalled()[0];
  before.tap_id = TapId::parse("01a20210-90ca-79d5-8000-000000000001").value();
  before.terminal = "gate-of-old";
  before.pass_id = "seat2";
  ASSERT_TRUE(rig_->journal->record(before, {}));
  const json act = ask("undo", before.tap_id);
  ASSERT_TRUE(act.is_object()) << act;
  EXPECT_EQ(act.at("tap").at("terminal"), "gate-of-old") << "else no other terminal would hear it";
  EXPECT_EQ(tap("seat2").decision, gate::Decision::admit);
}

TEST_F(OperatorActsTest, AnUndoneOverrideGivesItsUseBack) {
  start({.policy = {.uses = 2}});
  tap("seat1");
  tap("seat1");
  const TapReport refused = tap("seat1");
  const json act = ask("override", refused.tap_id);
  EXPECT_EQ(act.at("tap").at("use"), 3);
  const auto of = TapId::parse(act.at("tap").at("tap_id").get<std::string>()).value();
  ASSERT_TRUE(ask("undo", of).is_object());
  EXPECT_EQ(inside(), 2U);
  EXPECT_EQ(tap("seat1").reason, gate::Reason::uses_exhausted) << "two are still consumed";
}

TEST_F(OperatorActsTest, SaysWhetherTheRulesWouldHaveRefusedStill) {
  start();
  const TapReport first = tap("seat1");
  const TapReport refused = tap("seat1");
  ask("undo", first.tap_id);
  const json act = ask("override", refused.tap_id);
  EXPECT_FALSE(act.at("tap").contains("needed")) << act;
  EXPECT_EQ(act.at("tap").at("use"), 2);
  EXPECT_EQ(tap("seat1").reason, gate::Reason::already_redeemed);
}

TEST_F(OperatorActsTest, JudgesByWhatTheCloudSaysNow) {
  start({.provider = "main"});
  gate::MirrorWriter cloud(folder_ / "passes.db");
  const auto swept = rig_->clock.time.time_since_epoch().count();
  cloud.exec("INSERT INTO sweeps VALUES('main', 'ptk_rig', 1, " + std::to_string(swept) + ")");
  for (const char* seat : {"seat1", "seat2"}) {
    cloud.exec("INSERT INTO passes VALUES('main', 'ptk_rig', '" + std::string(seat) +
               "', 'voided', NULL, NULL, 1)");
  }
  const TapReport one = tap("seat1");
  const TapReport two = tap("seat2");
  ASSERT_EQ(one.reason, gate::Reason::voided);
  cloud.exec("UPDATE passes SET state = 'valid' WHERE join_value = 'seat2'");
  EXPECT_TRUE(ask("override", one.tap_id).at("tap").contains("needed"));
  EXPECT_FALSE(ask("override", two.tap_id).at("tap").contains("needed"));
}

TEST_F(OperatorActsTest, SetsAsideNoReasonThatSomebodyElseHasToMend) {
  start({.pattern = "^(?P<pass_id>[0-9]+)$"});
  const TapReport refused = tap("abc");
  ASSERT_EQ(refused.reason, gate::Reason::wrong_template);
  EXPECT_EQ(ask("override", refused.tap_id), "not_overridable");
  EXPECT_EQ(inside(), 0U);
  allowed_ = {gate::Reason::wrong_template};
  const json act = ask("override", refused.tap_id);
  ASSERT_TRUE(act.is_object()) << act;
  EXPECT_FALSE(act.at("tap").contains("use")) << "nobody knows whose it would be";
  EXPECT_EQ(inside(), 1U);
}

TEST_F(OperatorActsTest, AFullZoneTakesWhomAPersonLetsIn) {
  start();
  zones_ = {{.name = "north", .capacity = 1, .calendar = {}, .empties_at = {}}};
  tap("seat1");
  const TapReport refused = tap("seat1");
  EXPECT_EQ(ask("override", refused.tap_id).at("new"), true);
  EXPECT_EQ(inside(), 2U);
}

TEST_F(OperatorActsTest, DecidesAgainWhenAReaderAdmitsThePassMeanwhile) {
  start();
  const TapReport first = tap("seat1");
  const TapReport refused = tap("seat1");
  ask("undo", first.tap_id);
  looks_ = 0;
  between_ = [this] { EXPECT_EQ(tap("seat1").use_no, 2U); };
  const json act = ask("override", refused.tap_id);
  EXPECT_EQ(act.at("tap").at("use"), 3);
  EXPECT_TRUE(act.at("tap").contains("needed")) << "the use that was free is gone";
}

TEST_F(OperatorActsTest, RefusesWhatItCannotDo) {
  start();
  const TapReport admitted = tap("seat1");
  const TapReport refused = tap("seat1");
  EXPECT_EQ(ask("override", admitted.tap_id), "not_refused");
  EXPECT_EQ(ask("undo", refused.tap_id), "not_admitted");
  const auto undo = ask("undo", admitted.tap_id).at("tap").at("tap_id").get<std::string>();
  EXPECT_EQ(ask(question("undo", undo)), "not_admitted") << "an undo is not undone";
  EXPECT_EQ(ask(question("override", undo)), "not_refused");
  const auto nobody = "019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11";
  EXPECT_EQ(ask(question("override", nobody)), "no_such_tap");
  EXPECT_EQ(ask(question("undo", nobody)), "no_such_tap");
}

TEST_F(OperatorActsTest, AsksForAShortLineOfWhoAndWhy) {
  start();
  const std::string tap_id = tap("seat1").tap_id.text();
  for (const auto& [who, why] : std::vector<std::pair<std::string, std::string>>{
           {"", "w"},
           {"w", ""},
           {std::string(OperatorActs::kLongestName + 1, 'x'), "w"},
           {"w", std::string(OperatorActs::kLongestWhy + 1, 'x')},
           {"two\nlines", "w"},
           {"w", "an \x1b[31mescape"}}) {
    EXPECT_EQ(ask(question("undo", tap_id, who, why)), "bad_value") << who << why;
  }
  EXPECT_EQ(ask(question("undo", "no id")), "bad_value");
  EXPECT_EQ(journalled().size(), 1U);
}

TEST_F(OperatorActsTest, TakesTheLongestAccountThatAClientMayHave) {
  start();
  const std::string account(runtime::kLongestAccount, 'a');
  const json act = ask(question("undo", tap("seat1").tap_id.text(), account));
  ASSERT_TRUE(act.is_object()) << act;
  EXPECT_EQ(act.at("tap").at("operator"), account);
}

TEST(Overriding, IsNeverThereForWhatTheJournalCannotKeep) {
  constexpr std::array kAll{gate::Reason::out_of_order, gate::Reason::voided};
  EXPECT_FALSE(gate::may_override(gate::Reason::out_of_order, kAll));
  EXPECT_FALSE(gate::may_override(gate::Reason::ok, kAll));
}

TEST(Overriding, NeedsTheConfigurationWhereAPassIsToBeStopped) {
  using enum gate::Reason;
  for (const auto reason : {revoked, blocked, undecryptable, replayed, wrong_template}) {
    EXPECT_FALSE(gate::may_override(reason, {})) << gate::name(reason);
    const std::array configured{reason};
    EXPECT_TRUE(gate::may_override(reason, configured)) << gate::name(reason);
  }
  for (const auto reason : {voided, already_redeemed, passback, capacity, clock_untrusted}) {
    EXPECT_TRUE(gate::may_override(reason, {})) << gate::name(reason);
  }
}

}  // namespace
}  // namespace passgate::daemon
