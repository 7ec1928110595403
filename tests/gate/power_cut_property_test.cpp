// SPDX-License-Identifier: Apache-2.0
// The power goes at any instant of a tap, also between the fsync and the lamp:
// at most that one admission is lost to its guest, and no use is ever had twice.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "tests/gate/faulty_disk.h"
#include "tests/gate/sample_taps.h"
#include "tests/gate/temp_dir.h"
#include "tests/rig/property.h"

namespace passgate::gate {
namespace {

constexpr int kVisitors = 2;
constexpr std::uint64_t kReach = 24;  ///< Changing operations of an evening, and a few more.

std::string guest(int n) {
  return "guest-" + std::to_string(n);
}

/// Four visits of two guests, each pass for one admission.
class Evening {
 public:
  /// @param dark_before_lamp  The visit whose tap is on disk when the power goes; -1: none.
  explicit Evening(int dark_before_lamp) : dark_before_lamp_(dark_before_lamp) {}

  /// False: the power is gone.
  bool play(Journal& journal) {
    for (; visit_ < 2 * kVisitors; ++visit_) {
      if (!present(journal, guest(visit_ % kVisitors))) return false;
    }
    return true;
  }
  int lamps(const std::string& pass_id) { return lamps_[pass_id]; }
  void power_is_back() { dark_before_lamp_ = -1; }

 private:
  bool present(Journal& journal, const std::string& pass_id) {
    const auto history = history_in(journal, kTemplate, pass_id);
    if (!history) return false;
    Belief no_provider;
    no_provider.knowledge = Belief::Knowledge::no_provider;
    const Verdict verdict = decide({}, {}, no_provider, *history);
    const auto written = journal.record(tap(++taps_, pass_id, verdict.use_no), std::nullopt,
                                        {.seen_until = history->seen_until});
    if (!written || visit_ == dark_before_lamp_) return false;
    lamps_[pass_id] += verdict.decision == Decision::admit ? 1 : 0;
    return true;
  }

  int dark_before_lamp_;
  int visit_ = 0;
  std::uint64_t taps_ = 0;
  std::map<std::string, int> lamps_;
};

class PowerCutProperty : public testing::Test {
 protected:
  /// A new journal costs more than a tap: each case begins with a copy.
  PowerCutProperty() { EXPECT_TRUE(Journal::open({.path = dir_ / "empty.db", .vfs = {}})); }
  std::filesystem::path fresh() const {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
      std::filesystem::remove((dir_ / "journal.db").string() + suffix);
    }
    std::filesystem::copy_file(dir_ / "empty.db", dir_ / "journal.db");
    return dir_ / "journal.db";
  }
  TempDir dir_;
};

TEST_F(PowerCutProperty, LosesAtMostOneAdmissionAndGivesNoUseTwice) {
  check_property("a cut loses at most one admission and gives no use twice", [&] {
    const auto path = fresh();
    const auto seed = *rc::gen::arbitrary<std::uint32_t>();
    const bool between = *rc::gen::arbitrary<bool>();
    const auto survival = *rc::gen::element(Survival::none, Survival::some);
    std::mt19937_64 random(seed);
    Evening evening(between ? static_cast<int>(random() % (2 * kVisitors)) : -1);
    {
      FaultyDisk disk;
      if (!between) disk.cut_power_at(1 + random() % kReach);
      {
        auto journal = Journal::open({.path = path, .vfs = disk.vfs()});
        if (journal) evening.play(*journal);
        if (between) disk.cut_power_at(1);  // Closing is no longer in time.
      }
      disk.restore_power(survival, random);
    }
    evening.power_is_back();
    auto journal = Journal::open({.path = path, .vfs = {}});
    RC_ASSERT(journal.has_value());
    RC_ASSERT(evening.play(*journal));
    int lost = 0;
    for (int n = 0; n < kVisitors; ++n) {
      const auto history = history_in(*journal, kTemplate, guest(n));
      RC_ASSERT(history.has_value() && history->uses == 1U);
      RC_ASSERT(evening.lamps(guest(n)) <= 1);
      lost += 1 - evening.lamps(guest(n));
    }
    RC_ASSERT(lost <= 1);
  });
}

}  // namespace
}  // namespace passgate::gate
