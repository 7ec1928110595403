// SPDX-License-Identifier: Apache-2.0
#include "sync/store/passes_store.h"

#include <sys/stat.h>

#include "gate/pass_mirror.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using gate::Belief;
using gate::PassState;

const WallTime kNow = from_rfc3339("2026-11-20T10:00:00Z").value();

MirrorRow row(std::string join_value, PassState state = PassState::valid) {
  return {std::move(join_value), "", state, std::nullopt, std::nullopt};
}

/// The store on one side, on the other the gate as it really reads the file.
struct PassesStoreTest : ::testing::Test {
  TempDir folder;
  std::optional<PassesStore> store = std::move(PassesStore::open(folder / "passes.db").value());
  gate::PassMirror gate{folder / "passes.db"};

  std::int64_t begin() { return store->begin_sweep("main", "ptk").value(); }
  Status add(std::int64_t sweep, const std::vector<MirrorRow>& rows) {
    return store->add("main", "ptk", sweep, rows);
  }
  Status complete(std::int64_t sweep, std::size_t distinct, WallTime at = kNow) {
    return store->complete("main", "ptk", sweep, distinct, at);
  }
  void sweep(const std::vector<MirrorRow>& rows, WallTime at = kNow) {
    const auto number = begin();
    ASSERT_TRUE(add(number, rows));
    ASSERT_TRUE(complete(number, rows.size(), at));
  }
  Belief look_up(std::string_view id) { return gate.look_up("main", "ptk", id); }
};

TEST_F(PassesStoreTest, ShowsTheGateWhatASweepBrought) {
  sweep({row("a"), row("b", PassState::expired)});
  EXPECT_EQ(look_up("a").knowledge, Belief::Knowledge::listed);
  EXPECT_EQ(look_up("a").state, PassState::valid);
  EXPECT_EQ(look_up("b").state, PassState::expired);
  EXPECT_EQ(look_up("a").swept_at, kNow);
  EXPECT_EQ(look_up("c").knowledge, Belief::Knowledge::not_listed);
}

TEST_F(PassesStoreTest, KeepsValidityTimes) {
  sweep({{"a", "", PassState::valid, kNow, kNow + std::chrono::hours(1)}});
  EXPECT_EQ(look_up("a").valid_from, kNow);
  EXPECT_EQ(look_up("a").valid_until, kNow + std::chrono::hours(1));
}

TEST_F(PassesStoreTest, CallsAPassVoidedOnlyWhenACompleteSweepDidNotSeeIt) {
  sweep({row("a"), row("b")});
  const auto second = begin();
  ASSERT_TRUE(add(second, {row("a")}));
  EXPECT_EQ(look_up("b").knowledge, Belief::Knowledge::listed);
  EXPECT_EQ(look_up("b").state, PassState::valid);
  ASSERT_TRUE(complete(second, 1));
  EXPECT_EQ(look_up("b").state, PassState::voided);
  sweep({row("a"), row("b")});  // It is back: a slip of the cloud voids nobody for good.
  EXPECT_EQ(look_up("b").state, PassState::valid);
  EXPECT_EQ(look_up("a").knowledge, Belief::Knowledge::listed);
}

TEST_F(PassesStoreTest, NeitherForgetsNorLooksFresherAfterASweepThatBrokeOff) {
  sweep({row("a"), row("b")});
  ASSERT_TRUE(add(begin(), {row("a", PassState::voided)}));
  EXPECT_EQ(look_up("a").state, PassState::voided);  // True by itself, and urgent.
  EXPECT_EQ(look_up("b").state, PassState::valid);
  EXPECT_EQ(look_up("b").swept_at, kNow);
}

TEST_F(PassesStoreTest, DoesNotCompleteASweepThatSawAPassTwiceInsteadOfAnother) {
  sweep({row("a"), row("b")});
  const auto second = begin();
  ASSERT_TRUE(add(second, {row("a"), row("a")}));
  EXPECT_EQ(complete(second, 2, kNow + std::chrono::hours(1)).error(),
            Error(Errc::out_of_sequence));
  EXPECT_EQ(look_up("b").knowledge, Belief::Knowledge::listed);
  EXPECT_EQ(look_up("b").swept_at, kNow);
}

TEST_F(PassesStoreTest, DoesNotCountWhatAnInterruptedSweepSaw) {
  sweep({row("a"), row("b")});
  ASSERT_TRUE(add(begin(), {row("b")}));
  store.reset();
  store = std::move(PassesStore::open(folder / "passes.db").value());
  const auto third = begin();
  ASSERT_TRUE(add(third, {row("a")}));
  ASSERT_TRUE(complete(third, 1));
  EXPECT_EQ(look_up("b").state, PassState::voided);
}

/// An answer that was true somewhere in that minute.
PassesStore::Look look(int minute) {
  const auto from = kNow + std::chrono::minutes(minute);
  return {.from = from, .until = from + std::chrono::minutes(1)};
}

TEST_F(PassesStoreTest, KeepsBetweenWhichLooksAPassWasTakenBack) {
  const auto revoked = [&](const char* id) { return gate.revocation("main", "ptk", id); };
  const auto first = begin();
  const std::vector<MirrorRow> both{row("a"), row("b"), row("c", PassState::voided)};
  ASSERT_TRUE(store->add("main", "ptk", first, both, "", look(0)));
  ASSERT_TRUE(store->complete("main", "ptk", first, 3, kNow, "", look(1)));
  EXPECT_FALSE(revoked("a"));
  EXPECT_EQ(gate.last_revocation(), 0) << "what was never seen valid has no such moment";

  ASSERT_TRUE(store->put("main", "ptk", row("a", PassState::voided), look(10)));
  ASSERT_TRUE(revoked("a"));
  EXPECT_EQ(revoked("a")->earliest, look(0).from);
  EXPECT_EQ(revoked("a")->latest, look(10).until);
  ASSERT_TRUE(store->put("main", "ptk", row("a", PassState::voided), look(20)));
  EXPECT_EQ(revoked("a")->latest, look(10).until) << "it was known already";

  // Not listed any more; and what changed since was asked for after minute 5.
  ASSERT_TRUE(store->refreshed("main", "ptk", kNow, "token", look(5)));
  const auto second = begin();
  ASSERT_TRUE(store->complete("main", "ptk", second, 0, kNow, "", look(30)));
  EXPECT_EQ(revoked("b")->earliest, look(5).from);
  EXPECT_EQ(revoked("b")->latest, look(30).until);
  const auto all = gate.revoked_after(0);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].join_value, "a");
  EXPECT_EQ(all[1].join_value, "b");
  EXPECT_EQ(gate.revoked_after(all[0].no).size(), 1U);

  ASSERT_TRUE(store->put("main", "ptk", row("a"), look(40)));  // A slip of the cloud.
  EXPECT_FALSE(revoked("a"));
}

TEST_F(PassesStoreTest, APassThatAPushCallsVoidedWasTakenBackToo) {
  const auto first = begin();
  const std::vector<MirrorRow> one{row("a")};
  ASSERT_TRUE(store->add("main", "ptk", first, one, "", look(0)));
  ASSERT_TRUE(store->complete("main", "ptk", first, 1, kNow, "", look(1)));
  EXPECT_TRUE(store->call_voided("main", "ptk", "a", look(2)).value());
  EXPECT_EQ(gate.revocation("main", "ptk", "a")->latest, look(2).until);
}

TEST_F(PassesStoreTest, AClockThatIsNotToBeBelievedTimesNoRevocation) {
  sweep({row("a")});
  ASSERT_TRUE(store->put("main", "ptk", row("a", PassState::voided)));
  EXPECT_EQ(look_up("a").state, PassState::voided);
  EXPECT_EQ(gate.last_revocation(), 0);
}

TEST_F(PassesStoreTest, AHundredThousandRevocationsAtOnceAreReadInParts) {
  std::vector<MirrorRow> rows;
  for (int i = 0; i < 100'000; ++i) rows.push_back(row("pass-" + std::to_string(i)));
  const auto first = begin();
  ASSERT_TRUE(store->add("main", "ptk", first, rows, "", look(0)));
  ASSERT_TRUE(store->complete("main", "ptk", first, rows.size(), kNow, "", look(1)));
  const auto second = begin();
  ASSERT_TRUE(store->complete("main", "ptk", second, 0, kNow, "", look(2)));
  std::size_t read = 0;
  std::int64_t no = 0;
  for (auto part = gate.revoked_after(no); !part.empty(); part = gate.revoked_after(no)) {
    read += part.size();
    no = part.back().no;
  }
  EXPECT_EQ(read, rows.size());
}

TEST_F(PassesStoreTest, KeepsTemplatesAndProvidersApart) {
  sweep({row("a")});
  const auto other = store->begin_sweep("main", "other").value();
  ASSERT_TRUE(store->complete("main", "other", other, 0, kNow));
  EXPECT_EQ(look_up("a").knowledge, Belief::Knowledge::listed);
  EXPECT_EQ(gate.look_up("main", "other", "a").knowledge, Belief::Knowledge::not_listed);
  EXPECT_EQ(gate.look_up("second", "ptk", "a").knowledge, Belief::Knowledge::no_mirror);
}

TEST_F(PassesStoreTest, SaysWhenTheLastCompleteSweepEnded) {
  EXPECT_EQ(store->completed_at("main", "ptk").value(), std::nullopt);
  begin();
  EXPECT_EQ(store->completed_at("main", "ptk").value(), std::nullopt);
  sweep({});
  EXPECT_EQ(store->completed_at("main", "ptk").value(), kNow);
}

TEST_F(PassesStoreTest, StoresMoreThanOneTransactionHolds) {
  std::vector<MirrorRow> rows;
  for (int i = 0; i < 9001; ++i) rows.push_back(row("pass-" + std::to_string(i)));
  sweep(rows);
  EXPECT_EQ(look_up("pass-0").knowledge, Belief::Knowledge::listed);
  EXPECT_EQ(look_up("pass-9000").knowledge, Belief::Knowledge::listed);
}

TEST_F(PassesStoreTest, StaysReadableForTheGateAfterItWasClosed) {
  sweep({row("a")});
  store.reset();
  for (const char* name : {"passes.db", "passes.db-wal", "passes.db-shm"}) {
    struct stat found{};
    ASSERT_EQ(::stat((folder / name).c_str(), &found), 0) << name;
    EXPECT_EQ(found.st_mode & 0777, 0640U) << name;
  }
  gate::PassMirror later(folder / "passes.db");
  EXPECT_EQ(later.look_up("main", "ptk", "a").knowledge, Belief::Knowledge::listed);
}

}  // namespace
}  // namespace passgate::sync::test
