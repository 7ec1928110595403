// SPDX-License-Identifier: Apache-2.0
#include "apdu/pcsc/context.h"

#include <gtest/gtest.h>
#include <winscard.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/pcsc/eventually.h"
#include "tests/pcsc/rig_fixture.h"
#include "tests/pcsc/test_card.h"

namespace passgate::apdu::pcsc {
namespace {

using test::eventually;
using test::TestCard;

constexpr Milliseconds kLong{5000};

class PcscContext : public test::WithReaders {};

TEST_F(PcscContext, TellsTheKnownStateWhenNothingHappens) {
  start_readers(1);
  const auto context = *Context::establish();
  const auto first = context.wait_for_change(reader(0), {}, kLong);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->is_known());
  EXPECT_FALSE(first->card_present());
  const auto second = context.wait_for_change(reader(0), *first, Milliseconds{20});
  ASSERT_TRUE(second);
  EXPECT_EQ(*second, *first);
}

TEST_F(PcscContext, SeesThatOneCardLeftAndAnotherCameBetweenTwoWaits) {
  start_readers(1);
  const auto context = *Context::establish();
  auto phone = std::make_unique<TestCard>(rig_->card(0));
  ReaderState known;
  ASSERT_TRUE(eventually([&] {
    known = *context.wait_for_change(reader(0), known, kLong);
    return known.card_present();
  }));
  phone.reset();
  ASSERT_TRUE(
      eventually([&] { return !context.wait_for_change(reader(0), {}, kLong)->card_present(); }));
  phone = std::make_unique<TestCard>(rig_->card(0));
  ASSERT_TRUE(
      eventually([&] { return context.wait_for_change(reader(0), {}, kLong)->card_present(); }));
  const auto next = context.wait_for_change(reader(0), known, kLong);
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->card_present());
  EXPECT_EQ(next->events(), known.events() + 2);
}

// At pcscd's start the event counter is 0, which pcsc-lite takes for "no counter
// given": the plain call would sleep through this.
TEST_F(PcscContext, SeesTheChangeFromAnEventCounterOfZero) {
  start_readers(1);
  const auto context = *Context::establish();
  const auto start = context.wait_for_change(reader(0), {}, kLong);
  ASSERT_TRUE(start);
  ASSERT_EQ(start->events(), 0U);
  {
    const TestCard phone(rig_->card(0));
    ASSERT_TRUE(
        eventually([&] { return context.wait_for_change(reader(0), {}, kLong)->events() == 1; }));
  }
  ASSERT_TRUE(
      eventually([&] { return context.wait_for_change(reader(0), {}, kLong)->events() == 2; }));
  std::atomic<bool> returned = false;
  std::thread impatient([&, id = context.id()] {
    if (eventually([&] { return returned.load(); })) return;
    ADD_FAILURE() << "the wait sleeps although two events have happened";
    while (!returned) cancel_wait(id);
  });
  const auto next = context.wait_for_change(reader(0), *start, Milliseconds{600'000});
  returned = true;
  impatient.join();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->events(), 2U);
  EXPECT_FALSE(next->card_present());
}

TEST_F(PcscContext, IsWokenByACancelFromAnotherThread) {
  start_readers(1);
  const auto context = *Context::establish();
  const auto known = context.wait_for_change(reader(0), {}, kLong);
  std::atomic<bool> returned = false;
  std::thread canceller([&, id = context.id()] {
    eventually([&] {
      cancel_wait(id);
      return returned.load();
    });
  });
  const auto state = context.wait_for_change(reader(0), *known, Milliseconds{120'000});
  returned = true;
  canceller.join();
  ASSERT_TRUE(state);
  EXPECT_EQ(*state, *known);
  cancel_wait(context.id());
  cancel_wait(0);
  cancel_wait(12345);
}

TEST_F(PcscContext, IsDeadAfterPcscdWasKilledUntilANewOneIsEstablished) {
  start_readers(1);
  const auto context = *Context::establish();
  const auto known = context.wait_for_change(reader(0), {}, kLong);
  std::thread killer([&] { rig_->kill(); });
  const auto state = context.wait_for_change(reader(0), *known, Milliseconds{120'000});
  killer.join();
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code(), Errc::pcsc_unavailable);
  ASSERT_TRUE(rig_->restart());
  EXPECT_EQ(context.readers().error().code(), Errc::pcsc_unavailable);
  EXPECT_EQ(Context::establish()->readers()->size(), 1U);
}

TEST(ReaderState, GivesBackWhatPcscLiteComparesAndDropsTheRest) {
  const auto state =
      ReaderState::from_event(SCARD_STATE_CHANGED | SCARD_STATE_PRESENT | SCARD_STATE_EXCLUSIVE |
                              SCARD_STATE_INUSE | SCARD_STATE_MUTE | 0x00070000);
  EXPECT_EQ(state.known(), SCARD_STATE_PRESENT | SCARD_STATE_MUTE | 0x00070000UL);
  EXPECT_TRUE(state.card_present());
  EXPECT_TRUE(state.mute());
  EXPECT_FALSE(state.unavailable());
  EXPECT_EQ(state.events(), 7U);
  EXPECT_TRUE(ReaderState::from_event(SCARD_STATE_UNAVAILABLE).unavailable());
  EXPECT_TRUE(ReaderState::from_event(SCARD_STATE_UNKNOWN).unavailable());
  EXPECT_FALSE(ReaderState{}.is_known());
  // pcsc-lite's numbers are wider than the 32 bits they hold.
  EXPECT_EQ(ReaderState::from_event(0xFFFF0010UL).events(), 0xFFFFU);
}

}  // namespace
}  // namespace passgate::apdu::pcsc
