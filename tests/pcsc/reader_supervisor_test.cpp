// SPDX-License-Identifier: Apache-2.0
#include "daemon/reader_supervisor.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "tests/pcsc/eventually.h"
#include "tests/pcsc/recording_visitor.h"
#include "tests/pcsc/rig_fixture.h"
#include "tests/pcsc/test_card.h"

namespace passgate::daemon {
namespace {

using test::Events;
using test::eventually;
using test::recording_visitor;
using test::TestCard;
using test::Visits;

class PcscReaderSupervisor : public test::WithReaders {
 protected:
  /// Readers named in `not_ours_` are refused.
  ReaderSupervisor::VisitorFactory factory() {
    return [this](const std::string& name) -> std::unique_ptr<CardVisitor> {
      const std::scoped_lock lock(mutex_);
      ++asked_[name];
      if (not_ours_.contains(name)) return nullptr;
      auto& visits = visits_[name];
      if (!visits) visits = std::make_shared<Visits>();
      return recording_visitor(visits);
    };
  }
  unsigned answered(std::size_t i) {
    const std::scoped_lock lock(mutex_);
    return visits_.at(reader(i))->answered;
  }
  unsigned asked(std::size_t i) {
    const std::scoped_lock lock(mutex_);
    return asked_[reader(i)];
  }
  static bool all_idle(const ReaderSupervisor& supervisor, std::size_t count) {
    const auto readers = supervisor.readers();
    return readers.size() == count && std::ranges::all_of(readers, [](const auto& each) {
             return each.activity == ReaderActivity::idle;
           });
  }
  static ReaderTiming patient() {
    ReaderTiming timing;
    timing.stop_grace = Milliseconds{20'000};
    return timing;
  }

  std::mutex mutex_;
  std::set<std::string> not_ours_;
  std::map<std::string, std::shared_ptr<Visits>> visits_;
  std::map<std::string, unsigned> asked_;
  Events events_;
};

TEST_F(PcscReaderSupervisor, ServesSixteenReadersAtOnce) {
  start_readers(16);
  ReaderSupervisor supervisor(factory(), events_.sink(), patient());
  ASSERT_TRUE(eventually([&] { return all_idle(supervisor, 16); }));
  EXPECT_TRUE(supervisor.pcsc_available());
  std::vector<std::unique_ptr<TestCard>> phones;
  phones.reserve(16);
  for (std::size_t i = 0; i < 16; ++i) {
    phones.push_back(std::make_unique<TestCard>(rig_->card(i)));
  }
  for (std::size_t i = 0; i < 16; ++i) {
    EXPECT_TRUE(eventually([&] { return answered(i) == 1; })) << i;
  }
  EXPECT_EQ(supervisor.stop(), 0U);
  EXPECT_EQ(events_.count("reader_added"), 16U);
}

TEST_F(PcscReaderSupervisor, LeavesReadersAloneThatAreNotOurs) {
  start_readers(2);
  not_ours_.insert(reader(0));
  ReaderSupervisor supervisor(factory(), events_.sink(), patient());
  ASSERT_TRUE(eventually([&] { return all_idle(supervisor, 1); }));
  const TestCard theirs(rig_->card(0));
  const TestCard ours(rig_->card(1));
  ASSERT_TRUE(eventually([&] { return answered(1) == 1; }));
  EXPECT_EQ(theirs.commands(), 0U);
  EXPECT_EQ(supervisor.readers().at(0).pcsc_name, reader(1));
  EXPECT_EQ(supervisor.stop(), 0U);
  EXPECT_EQ(asked(0), 1U);
}

TEST_F(PcscReaderSupervisor, FindsTheReadersAgainAfterPcscdWasKilled) {
  start_readers(2);
  ReaderSupervisor supervisor(factory(), events_.sink(), patient());
  ASSERT_TRUE(eventually([&] { return all_idle(supervisor, 2); }));
  rig_->kill();
  ASSERT_TRUE(eventually([&] { return !supervisor.pcsc_available(); }));
  ASSERT_TRUE(rig_->restart());
  ASSERT_TRUE(eventually([&] { return supervisor.pcsc_available(); }));
  ASSERT_TRUE(eventually([&] { return all_idle(supervisor, 2); }));
  const TestCard phone(rig_->card(1));
  EXPECT_TRUE(eventually([&] { return answered(1) == 1; }));
  EXPECT_EQ(asked(1), 1U) << "a restart of pcscd must not forget what was just tapped";
  EXPECT_EQ(events_.count("pcsc_unavailable"), 1U);
  EXPECT_EQ(events_.count("pcsc_available"), 1U);
}

TEST_F(PcscReaderSupervisor, WaitsForPcscdThatIsNotThereYet) {
  start_readers(1);
  rig_->kill();
  ReaderSupervisor supervisor(factory(), events_.sink(), patient());
  ASSERT_TRUE(eventually([&] { return events_.count("pcsc_unavailable") == 1; }));
  EXPECT_TRUE(supervisor.readers().empty());
  ASSERT_TRUE(rig_->restart());
  EXPECT_TRUE(eventually([&] { return all_idle(supervisor, 1); }));
}

TEST_F(PcscReaderSupervisor, CountsTheReadersItLeavesStuckBehind) {
  start_readers(2);
  ReaderTiming timing;
  timing.stop_grace = Milliseconds{500};
  timing.wait = Milliseconds{50};  // so that only the hanging reader misses its beat
  timing.stuck_after = Milliseconds{3000};
  ReaderSupervisor supervisor(factory(), events_.sink(), timing);
  ASSERT_TRUE(eventually([&] { return all_idle(supervisor, 2); }));
  ASSERT_TRUE(rig_->fault(0, "hang"));
  const TestCard victim(rig_->card(0));
  ASSERT_TRUE(eventually([&] { return events_.count("reader_stuck") >= 1; }));
  const TestCard phone(rig_->card(1));
  EXPECT_TRUE(eventually([&] { return answered(1) == 1; }));
  EXPECT_EQ(supervisor.stop(), 1U);
  ASSERT_TRUE(rig_->fault(0, "resume"));
  EXPECT_TRUE(eventually([&] {
    const std::scoped_lock lock(mutex_);
    return !visits_.at(reader(0))->visitor_alive;
  }));
}

TEST_F(PcscReaderSupervisor, EndsReadersThatAreNoLongerListedAndServesThemWhenTheyReturn) {
  start_readers(2);
  const std::string second = reader(1);
  ReaderSupervisor supervisor(factory(), events_.sink(), patient());
  ASSERT_TRUE(eventually([&] { return all_idle(supervisor, 2); }));
  rig_.reset();
  start_readers(1);  // in the same place
  ASSERT_TRUE(eventually([&] { return events_.count("reader_removed") == 1; }));
  ASSERT_TRUE(eventually([&] { return all_idle(supervisor, 1); }));
  {
    const std::scoped_lock lock(mutex_);
    EXPECT_FALSE(visits_.at(second)->visitor_alive);
    EXPECT_EQ(asked_[second], 1U);
  }
  rig_.reset();
  start_readers(2);
  ASSERT_TRUE(eventually([&] { return all_idle(supervisor, 2); }));
  const TestCard phone(rig_->card(1));
  EXPECT_TRUE(eventually([&] { return answered(1) == 1; }));
  EXPECT_EQ(asked(1), 2U);
}

TEST_F(PcscReaderSupervisor, StopsEvenWhenPcscdItselfHangs) {
  start_readers(1);
  ReaderTiming timing;
  timing.stop_grace = Milliseconds{100};
  ReaderSupervisor supervisor(factory(), events_.sink(), timing);
  ASSERT_TRUE(eventually([&] { return all_idle(supervisor, 1); }));
  ASSERT_EQ(::kill(rig_->pcscd_pid(), SIGSTOP), 0);
  EXPECT_GE(supervisor.stop(), 1U);
  ASSERT_EQ(::kill(rig_->pcscd_pid(), SIGCONT), 0);
  EXPECT_TRUE(eventually([&] {
    const std::scoped_lock lock(mutex_);
    return !visits_.at(reader(0))->visitor_alive;
  }));
}

TEST_F(PcscReaderSupervisor, StopsAndStartsManyTimes) {
  start_readers(3);
  for (int i = 0; i < 20; ++i) {
    ReaderSupervisor supervisor(factory(), events_.sink(), patient());
    if (i % 2 == 0) {
      ASSERT_TRUE(eventually([&] { return all_idle(supervisor, 3); }));
    }
    ASSERT_EQ(supervisor.stop(), 0U) << i;
  }
}

}  // namespace
}  // namespace passgate::daemon
