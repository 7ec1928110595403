// SPDX-License-Identifier: Apache-2.0
// Two terminals with their own journal files that meet again.
#include "daemon/meeting.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/gate/mirror_writer.h"
#include "tests/gate/offline_taps.h"
#include "tests/rig/flow_rig.h"
#include "tests/rig/temp_folder.h"

namespace passgate {
namespace {

using namespace std::chrono_literals;
using gate::Conflict;
using gate::Kind;
using gate::TapRecord;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

/// A terminal without readers: terms, a journal file, and what meets there.
struct Gate {
  explicit Gate(std::string called, const std::string& provider = "",
                std::set<std::string> voids_by_use = {})
      : name(std::move(called)),
        rig(folder.path(), {.provider = provider, .policy = {}}),
        voided_by_use(std::move(voids_by_use)) {
    start();
  }
  void start() {
    meeting.emplace(daemon::Meeting::Parts{.passes = rig.terms(),
                                           .journal = *rig.journal,
                                           .log = log,
                                           .written = [] {},
                                           .passes_db = folder.path() / "passes.db",
                                           .terminal = name,
                                           .hours = {},
                                           .voided_by_use = voided_by_use});
  }
  /// Writes what this terminal did. @return The record as it was written.
  TapRecord did(TapRecord record) {
    record.terminal = name;
    record.pass_template = test::kRigTemplate;
    record.provider.clear();
    const auto position = rig.journal->record(record, {});
    EXPECT_TRUE(position);
    record.position = position.value_or(0);
    return record;
  }
  json hears(const std::vector<TapRecord>& records) {
    json taps = json::array();
    for (const TapRecord& record : records) taps.push_back(gate::to_json(record));
    const auto answer = meeting->answer({{"type", "merge"}, {"taps", taps}});
    EXPECT_TRUE(answer);
    return answer.value_or(json::object());
  }
  std::vector<TapRecord> journal() { return rig.journal->read_after(0, 1000).value(); }
  std::vector<TapRecord> conflicts() {
    std::vector<TapRecord> all;
    for (TapRecord& record : journal()) {
      if (record.kind == Kind::conflict) all.push_back(std::move(record));
    }
    return all;
  }
  /// The conflicts without the positions, which are each journal's own.
  std::vector<TapRecord> told() {
    auto all = conflicts();
    for (TapRecord& record : all) record.position = 0;
    return all;
  }

  std::string name;
  test::TempFolder folder;
  test::FlowRig rig;
  std::set<std::string> voided_by_use;
  runtime::Log log{false, runtime::Level::error};
  std::optional<daemon::Meeting> meeting;
};

TEST(Meeting, BothTellTheSameConflictWhoeverHearsOfItFirst) {
  Gate a("a"), b("b");
  const TapRecord first = a.did(gate::admitted("a", 1, 0s));
  const TapRecord second = b.did(gate::admitted("b", 1, 60s));
  const json answer = a.hears({second});
  EXPECT_EQ(answer.at("new"), 1);
  EXPECT_EQ(answer.at("conflicts"), 1);
  EXPECT_EQ(answer.at("unsettled"), 0);
  b.hears({first});
  ASSERT_EQ(a.conflicts().size(), 1U);
  EXPECT_EQ(a.told(), b.told());
  EXPECT_EQ(a.conflicts()[0].refers, second.tap_id);
  EXPECT_EQ(a.conflicts()[0].against, first.tap_id);
  EXPECT_EQ(a.conflicts()[0].conflict, Conflict::duplicate_offline);
  EXPECT_EQ(a.meeting->told().at("duplicate_offline"), 1);
}

TEST(Meeting, ToHearItAgainChangesNothing) {
  Gate a("a");
  a.did(gate::admitted("a", 1, 0s));
  TapRecord other = gate::admitted("b", 1, 60s);
  other.pass_template = test::kRigTemplate;
  a.hears({other});
  const auto before = a.journal();
  other.effected = true;  // As the other terminal noted a moment later.
  const json again = a.hears({other, other});
  EXPECT_EQ(again.at("new"), 0);
  EXPECT_EQ(again.at("known"), 2);
  EXPECT_EQ(again.at("conflicts"), 0);
  EXPECT_EQ(a.journal(), before);
}

TEST(Meeting, KnowsItsOwnRecordsAfterItWasRenamed) {
  Gate a("a");
  const TapRecord before = a.did(gate::admitted("a", 1, 0s));
  a.name = "gate-north";
  a.start();
  const json answer = a.hears({before});
  EXPECT_EQ(answer.at("own"), 1);
  EXPECT_EQ(answer.at("new"), 0);
  EXPECT_EQ(answer.at("conflicts"), 0);
  const auto known = a.rig.journal->movements(test::kRigTemplate, before.pass_id);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->own.size(), 1U);
  EXPECT_TRUE(known->peers.empty()) << "else it would count twice";
}

TEST(Meeting, EveryOrderOfUploadEndsWithTheSameConflicts) {
  std::vector<TapRecord> others{gate::admitted("b", 1, 30s), gate::admitted("c", 1, 60s),
                                gate::admitted("c", 2, 90s)};
  for (TapRecord& record : others) record.pass_template = test::kRigTemplate;
  std::vector<int> order{0, 1, 2};
  std::set<std::set<TapId>> outcomes;
  const TapRecord own = gate::admitted("a", 1, 45s);
  do {
    Gate a("a");
    a.did(own);
    for (const int which : order) a.hears({others[static_cast<std::size_t>(which)]});
    std::set<TapId> standing;
    for (const TapRecord& record : a.conflicts()) {
      if (record.flag == gate::Flag::withdrawn) {
        std::erase_if(standing, [&](const TapId& id) { return id == *record.refers; });
      } else {
        standing.insert(*record.refers);
      }
    }
    outcomes.insert(standing);
  } while (std::ranges::next_permutation(order).found);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(*outcomes.begin(), (std::set<TapId>{own.tap_id, others[1].tap_id, others[2].tap_id}));
}

TEST(Meeting, AConflictThatIsNoLongerTrueIsWithdrawnOnce) {
  Gate a("a");
  const TapRecord own = a.did(gate::admitted("a", 1, 0s));
  TapRecord other = gate::admitted("b", 1, 60s);
  TapRecord undo = gate::undone("b", 2, 120s, other);
  other.pass_template = undo.pass_template = test::kRigTemplate;
  a.hears({other});
  EXPECT_EQ(a.hears({undo}).at("withdrawn"), 1);
  EXPECT_EQ(a.hears({undo}).at("withdrawn"), 0);
  ASSERT_EQ(a.conflicts().size(), 2U);
  EXPECT_EQ(a.conflicts()[1].flag, gate::Flag::withdrawn);
  EXPECT_NE(a.conflicts()[1].tap_id, a.conflicts()[0].tap_id);
}

TEST(Meeting, AnUndoOfThisTerminalSettlesTheConflictToo) {
  Gate a("a");
  const TapRecord own = a.did(gate::admitted("a", 1, 0s));
  TapRecord other = gate::admitted("b", 1, 60s);
  other.pass_template = test::kRigTemplate;
  a.hears({other});
  ASSERT_EQ(a.conflicts().size(), 1U);
  a.did(gate::undone("a", 2, 120s, own));
  a.meeting->settle(10s);
  ASSERT_EQ(a.conflicts().size(), 2U);
  EXPECT_EQ(a.conflicts()[1].flag, gate::Flag::withdrawn);
}

TEST(Meeting, ACrashBetweenHearingAndTellingLosesNothing) {
  Gate a("a");
  a.did(gate::admitted("a", 1, 0s));
  TapRecord other = gate::admitted("b", 1, 60s);
  other.pass_template = test::kRigTemplate;
  ASSERT_TRUE(a.rig.journal->add_peers({&other, 1}));
  a.rig.journal.reset();  // Here.
  a.rig.journal.emplace(
      std::move(*gate::Journal::open({.path = a.folder.path() / "journal.db", .vfs = {}})));
  a.start();
  a.meeting->settle(10s);
  EXPECT_EQ(a.conflicts().size(), 1U);
  EXPECT_EQ(a.rig.journal->count_unsettled().value(), 0U);
}

TEST(Meeting, PassesThatDoNotReadHoldBackNoOther) {
  constexpr unsigned kBroken = 100;  // More than one round takes.
  Gate a("a");
  a.did(gate::admitted("a", 1, 0s));
  std::vector<TapRecord> others{gate::admitted("b", 1, 60s)};
  for (unsigned n = 2; n < 2 + kBroken; ++n) {
    TapRecord broken = gate::admitted("b", n, 60s);
    broken.pass_id = "broken " + std::to_string(n);
    broken.at = WallTime(std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1));
    others.push_back(std::move(broken));
  }
  for (TapRecord& record : others) record.pass_template = test::kRigTemplate;
  ASSERT_TRUE(a.rig.journal->add_peers(others));
  a.meeting->settle(24h);  // It ends long before: each is tried once.
  EXPECT_EQ(a.conflicts().size(), 1U);
  EXPECT_EQ(a.rig.journal->count_unsettled().value(), kBroken);
}

TEST(Meeting, ATimeThatWouldNotReadAgainIsRefused) {
  Gate a("a");
  TapRecord other = gate::admitted("b", 1, 60s);
  other.pass_template = test::kRigTemplate;
  json tap = gate::to_json(other);
  for (const char* time : {"9999-12-31T23:59:60Z", "0000-01-01T00:00:00+23:59"}) {
    tap["time"] = time;
    const auto answer = a.meeting->answer({{"type", "merge"}, {"taps", {tap}}});
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->at("refused").size(), 1U) << time;
    EXPECT_EQ(answer->at("refused")[0].at("error"), "bad_value") << time;
  }
  EXPECT_TRUE(a.rig.journal->movements(test::kRigTemplate, "visitor"));
}

TEST(Meeting, WhatItDoesNotTakeItNames) {
  Gate a("a");
  TapRecord own = gate::admitted("a", 1, 0s);
  TapRecord strange = gate::admitted("b", 1, 0s);
  strange.pass_template = "of-another-venue";
  TapRecord known = gate::admitted("b", 2, 0s);
  known.pass_template = test::kRigTemplate;
  TapRecord contrary = known;
  contrary.zone = "south";
  TapRecord endless = gate::admitted("b", 3, 0s);
  endless.pass_template = test::kRigTemplate;
  endless.zone = std::string(5000, 'x');
  const json answer = a.hears({own, strange, known, contrary, endless});
  EXPECT_EQ(answer.at("own"), 1);
  EXPECT_EQ(answer.at("new"), 1);
  EXPECT_EQ(answer.at("refused"),
            (json{{{"index", 1}, {"tap_id", strange.tap_id.text()}, {"error", "not_listed"}},
                  {{"index", 3}, {"tap_id", known.tap_id.text()}, {"error", "contradicts"}},
                  {{"index", 4}, {"tap_id", endless.tap_id.text()}, {"error", "bad_value"}}}));
  EXPECT_EQ(a.hears({contrary}).at("refused")[0].at("error"), "contradicts");
  EXPECT_EQ(a.meeting->answer({{"taps", {{{"tap_id", "x"}}}}})->at("refused")[0].at("error"),
            "bad_value");
  EXPECT_EQ(a.meeting->answer({{"taps", json::array_t(257)}}).error().code(), Errc::too_large);
}

/// The cloud took `pass` back, some time between these two.
void revoke(const Gate& gate, const std::string& pass, std::chrono::seconds from,
            std::chrono::seconds to) {
  gate::MirrorWriter mirror(gate.folder.path() / "passes.db");
  const auto ms = [](WallTime time) { return std::to_string(time.time_since_epoch().count()); };
  mirror.exec(
      "CREATE TABLE IF NOT EXISTS revocations(no INTEGER PRIMARY KEY AUTOINCREMENT,"
      " provider TEXT, template TEXT, join_value TEXT, earliest INTEGER, latest INTEGER);"
      "PRAGMA user_version = 3; INSERT INTO revocations VALUES(NULL, 'main', '" +
      std::string(test::kRigTemplate) + "', '" + pass + "', " + ms(gate::morning() + from) + ", " +
      ms(gate::morning() + to) + ")");
}

TEST(Meeting, APassThatItsUseVoidedWasNotTakenBack) {
  Gate a("a", "main", {"main"});
  a.did(gate::admitted("a", 1, 0s));
  revoke(a, "visitor", -60s, 60s);
  a.meeting->settle(10s);
  EXPECT_THAT(a.conflicts(), IsEmpty());
}

TEST(Meeting, AnAdmissionAfterTheCloudTookThePassBackIsTold) {
  Gate a("a", "main");
  const TapRecord before = a.did(gate::admitted("a", 1, 0s));
  TapRecord later = gate::admitted("a", 2, 600s);
  later.pass_id = "other";
  later = a.did(later);
  revoke(a, "nobody", 0s, 1s);
  revoke(a, "visitor", -60s, 60s);
  revoke(a, "other", 60s, 120s);
  a.meeting->settle(10s);
  const auto told = a.conflicts();
  ASSERT_EQ(told.size(), 2U);
  std::map<TapId, Conflict> kinds;
  for (const TapRecord& record : told) kinds[*record.refers] = *record.conflict;
  EXPECT_EQ(kinds, (std::map<TapId, Conflict>{{before.tap_id, Conflict::race},
                                              {later.tap_id, Conflict::after_revocation}}));
  a.meeting->settle(10s);
  EXPECT_EQ(a.conflicts().size(), 2U);
}

}  // namespace
}  // namespace passgate
