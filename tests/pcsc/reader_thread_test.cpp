// SPDX-License-Identifier: Apache-2.0
#include "daemon/reader_thread.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <thread>

#include "apdu/pcsc/card.h"
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

class PcscReaderThread : public test::WithReaders {
 protected:
  std::unique_ptr<ReaderThread> serve(std::size_t i, std::shared_ptr<Visits> visits,
                                      ReaderTiming timing = patient()) {
    return std::make_unique<ReaderThread>(reader(i), recording_visitor(std::move(visits)),
                                          events_.sink(), timing);
  }
  /// As in service, except that only a thread that really hangs misses a stop,
  /// however slow the machine.
  static ReaderTiming patient() {
    ReaderTiming timing;
    timing.stop_grace = Milliseconds{20'000};
    return timing;
  }
  static ReaderActivity activity(const ReaderThread& thread) {
    return thread.status(std::chrono::steady_clock::now()).activity;
  }
  static MonoTime heartbeat(const ReaderThread& thread) {
    return thread.status(std::chrono::steady_clock::now()).heartbeat;
  }

  Events events_;
  std::shared_ptr<Visits> visits_ = std::make_shared<Visits>();
};

TEST_F(PcscReaderThread, VisitsEachOfAHundredQuickTapsExactlyOnce) {
  start_readers(1);
  const auto thread = serve(0, visits_);
  constexpr unsigned kTaps = 100;
  for (unsigned i = 1; i <= kTaps; ++i) {
    // It leaves as soon as it was asked, while the visit is still going on; the
    // next one comes when that visit has ended, usually before the thread waits
    // again. Not sooner: a card that comes in the very instant in which the one
    // before is disconnected is counted by pcscd 1.9.9 and yet shown as absent,
    // until the next event (docs/adr/0009).
    TestCard phone(rig_->card(0));
    ASSERT_TRUE(eventually([&] { return phone.commands() == 1; })) << i;
    ASSERT_EQ(visits_->begun, i);
    phone.leave();
    ASSERT_TRUE(eventually([&] { return visits_->ended == i; }));
  }
  ASSERT_TRUE(eventually([&] { return visits_->ended == kTaps; }));
  EXPECT_TRUE(thread->stop());
  EXPECT_EQ(visits_->begun, kTaps);
}

TEST_F(PcscReaderThread, VisitsAPhoneThatStaysOnlyOnce) {
  start_readers(1);
  ReaderTiming timing = patient();
  timing.wait = Milliseconds{5};
  const auto thread = serve(0, visits_, timing);
  const TestCard phone(rig_->card(0));
  ASSERT_TRUE(eventually([&] { return visits_->ended == 1; }));
  for (int waits = 0; waits < 20; ++waits) {
    const auto beat = heartbeat(*thread);
    ASSERT_TRUE(eventually([&] { return heartbeat(*thread) != beat; }));
  }
  EXPECT_TRUE(thread->stop());
  EXPECT_EQ(visits_->begun, 1U);
  EXPECT_EQ(phone.commands(), 1U);
  EXPECT_TRUE(eventually([&] { return phone.power_offs() >= 1; }))
      << "the field must go before the phone shows its check mark";
}

TEST_F(PcscReaderThread, VisitsAPhoneThatIsAlreadyThereAtTheStart) {
  start_readers(1);
  const TestCard phone(rig_->card(0));
  const auto thread = serve(0, visits_);
  EXPECT_TRUE(eventually([&] { return visits_->answered == 1; }));
}

TEST_F(PcscReaderThread, SurvivesPhonesThatLeaveAtAnyMoment) {
  start_readers(1);
  const auto thread = serve(0, visits_);
  std::minstd_rand random(7);
  std::uniform_int_distribution<int> stay(0, 400);
  unsigned phones = 0;
  for (; phones < 60; ++phones) {
    TestCard phone(rig_->card(0));
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(stay(random));
    while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
  }
  EXPECT_LE(visits_->begun, phones);
  const auto before = visits_->answered.load();
  const TestCard last(rig_->card(0));
  EXPECT_TRUE(eventually([&] { return visits_->answered > before; }));
  EXPECT_TRUE(eventually([&] { return last.commands() == 1; })) << last.commands();
  EXPECT_TRUE(thread->stop());
  EXPECT_LE(visits_->begun, phones + 1);
}

TEST_F(PcscReaderThread, FindsPcscdAgainAfterItWasKilledDuringTheWait) {
  start_readers(1);
  const auto thread = serve(0, visits_);
  ASSERT_TRUE(eventually([&] { return activity(*thread) == ReaderActivity::idle; }));
  for (unsigned round = 1; round <= 3; ++round) {
    rig_->kill();
    ASSERT_TRUE(eventually([&] { return activity(*thread) == ReaderActivity::unavailable; }));
    ASSERT_TRUE(rig_->restart());
    ASSERT_TRUE(eventually([&] { return activity(*thread) == ReaderActivity::idle; }));
    const TestCard phone(rig_->card(0));
    ASSERT_TRUE(eventually([&] { return visits_->answered == round; }));
    EXPECT_EQ(events_.count("reader_unavailable"), round);
    EXPECT_TRUE(eventually([&] { return events_.count("reader_available") == round; }));
  }
  EXPECT_EQ(events_.last_reason("reader_unavailable")->code(), Errc::pcsc_unavailable);
}

TEST_F(PcscReaderThread, TellsTheVisitorWhenPcscdIsKilledDuringATapAndServesTheNext) {
  start_readers(1);
  visits_->also = [&, first = true](apdu::CardChannel& card, apdu::Lamp&) mutable {
    if (!std::exchange(first, false)) return;
    rig_->kill();
    const auto answer = card.transmit(test::select_vas());
    visits_->note(answer ? Errc::stopped : answer.error().code());
  };
  const auto thread = serve(0, visits_);
  auto phone = std::make_unique<TestCard>(rig_->card(0));
  ASSERT_TRUE(eventually([&] { return visits_->ended == 1; }));
  EXPECT_EQ(visits_->errors(), std::vector{Errc::pcsc_unavailable});
  phone.reset();
  ASSERT_TRUE(rig_->restart());
  phone = std::make_unique<TestCard>(rig_->card(0));
  EXPECT_TRUE(eventually([&] { return visits_->answered == 2; }));
}

TEST_F(PcscReaderThread, WaitsForAReaderThatIsGoneAndServesItWhenItIsBack) {
  start_readers(1);
  const auto thread = serve(0, visits_);
  ASSERT_TRUE(eventually([&] { return activity(*thread) == ReaderActivity::idle; }));
  ASSERT_TRUE(rig_->fault(0, "gone"));
  ASSERT_TRUE(eventually([&] { return activity(*thread) == ReaderActivity::unavailable; }));
  EXPECT_EQ(events_.last_reason("reader_unavailable")->code(), Errc::reader_gone);
  ASSERT_TRUE(rig_->fault(0, "back"));
  ASSERT_TRUE(eventually([&] { return activity(*thread) == ReaderActivity::idle; }));
  const TestCard phone(rig_->card(0));
  EXPECT_TRUE(eventually([&] { return visits_->answered == 1; }));
}

TEST_F(PcscReaderThread, ServesTheNextPhoneAfterADriverError) {
  start_readers(1);
  ASSERT_TRUE(rig_->fault(0, "errors 1"));
  const auto thread = serve(0, visits_);
  {
    const TestCard phone(rig_->card(0));
    ASSERT_TRUE(eventually([&] { return visits_->ended == 1; }));
    EXPECT_EQ(visits_->errors(), std::vector{Errc::card_removed});
  }
  const TestCard phone(rig_->card(0));
  EXPECT_TRUE(eventually([&] { return visits_->answered == 1; }));
}

TEST_F(PcscReaderThread, StopsWhereverTheStopFallsBetweenTwoWaits) {
  start_readers(1);
  ReaderTiming timing = patient();
  timing.wait = Milliseconds{600'000};  // a lost cancel would show as a stop that fails
  std::minstd_rand random(11);
  std::uniform_int_distribution<int> age(0, 1500);
  for (int i = 0; i < 150; ++i) {
    const auto thread = serve(0, visits_, timing);
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(age(random));
    while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
    ASSERT_TRUE(thread->stop()) << i;
  }
}

TEST_F(PcscReaderThread, StopsWhilePcscdIsAway) {
  start_readers(1);
  const auto thread = serve(0, visits_);
  rig_->kill();
  ASSERT_TRUE(eventually([&] { return events_.count("reader_unavailable") == 1; }));
  EXPECT_TRUE(thread->stop());
}

TEST_F(PcscReaderThread, LeavesAStuckTransmitBehindWhileAnotherReaderWorks) {
  start_readers(2);
  ReaderTiming timing;
  timing.stop_grace = Milliseconds{50};
  timing.stuck_after = Milliseconds{100};
  auto stuck = serve(0, visits_, timing);
  const auto others = std::make_shared<Visits>();
  const auto other = serve(1, others);
  ASSERT_TRUE(rig_->fault(0, "hang"));
  const TestCard victim(rig_->card(0));
  ASSERT_TRUE(eventually([&] { return visits_->begun == 1; }));
  ASSERT_TRUE(eventually([&] { return activity(*stuck) == ReaderActivity::stuck; }));
  for (unsigned i = 1; i <= 5; ++i) {
    const TestCard phone(rig_->card(1));
    ASSERT_TRUE(eventually([&] { return others->ended == i; }));
  }
  EXPECT_FALSE(stuck->stop());
  stuck.reset();
  EXPECT_TRUE(visits_->visitor_alive) << "the thread left behind still uses its visitor";
  ASSERT_TRUE(rig_->fault(0, "resume"));
  EXPECT_TRUE(eventually([&] { return !visits_->visitor_alive; }));
  EXPECT_EQ(visits_->ended, 1U);
}

TEST_F(PcscReaderThread, ReportsACardItCannotConnectTo) {
  start_readers(1);
  const auto context = *apdu::pcsc::Context::establish();
  const TestCard phone(rig_->card(0));
  std::optional<apdu::pcsc::Card> theirs;
  ASSERT_TRUE(eventually([&] {
    if (auto card = apdu::pcsc::Card::connect(context, reader(0))) theirs.emplace(std::move(*card));
    return theirs.has_value();
  }));
  ReaderTiming timing = patient();
  timing.connect_patience = Milliseconds{150};
  const auto thread = serve(0, visits_, timing);
  ASSERT_TRUE(eventually([&] { return events_.count("card_lost") == 1; }));
  EXPECT_EQ(events_.last_reason("card_lost")->code(), Errc::reader_gone);
  EXPECT_EQ(visits_->begun, 0U);
}

}  // namespace
}  // namespace passgate::daemon
