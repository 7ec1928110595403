// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>

#include "apdu/pcsc/context.h"
#include "sim/reader/pcscd_rig.h"
#include "sim/reader/reader_fault.h"
#include "tests/pcsc/eventually.h"
#include "tests/pcsc/test_card.h"

namespace passgate::sim {
namespace {

using apdu::pcsc::Context;
using apdu::pcsc::ReaderState;
using test::TestCard;

constexpr Milliseconds kLong{5000};

std::unique_ptr<VirtualReaderRig> rig_with(unsigned readers) {
  auto rig = VirtualReaderRig::start({.readers = readers});
  EXPECT_TRUE(rig.has_value()) << (rig ? 0 : rig.error().detail());
  return rig ? std::move(*rig) : nullptr;
}

TEST(VirtualReaderRig, ListsSixteenReadersFromOneDriver) {
  const auto rig = rig_with(16);
  ASSERT_TRUE(rig);
  ASSERT_EQ(rig->names().size(), 16U);
  EXPECT_EQ(rig->names().front(), "Passgate Virtual Reader 00 00");
  EXPECT_EQ(rig->names().back(), "Passgate Virtual Reader 0F 00");
}

TEST(VirtualReaderRig, ShowsACardInTheReaderItWasPutInto) {
  const auto rig = rig_with(12);
  ASSERT_TRUE(rig);
  const auto context = Context::establish();
  ASSERT_TRUE(context);
  for (const std::size_t i : {0U, 1U, 10U, 11U}) {
    const auto before = context->wait_for_change(rig->names()[i], {}, kLong);
    ASSERT_TRUE(before);
    EXPECT_FALSE(before->card_present());
    const TestCard card(rig->card(i));
    const auto after = context->wait_for_change(rig->names()[i], *before, kLong);
    ASSERT_TRUE(after);
    EXPECT_TRUE(after->card_present()) << i;
    EXPECT_FALSE(after->mute());
  }
}

TEST(VirtualReaderRig, CountsEveryCardThatCameAndLeftBetweenTwoLooks) {
  const auto rig = rig_with(1);
  ASSERT_TRUE(rig);
  const auto context = Context::establish();
  ASSERT_TRUE(context);
  const auto& name = rig->names()[0];
  auto state = context->wait_for_change(name, {}, kLong);
  ASSERT_TRUE(state);
  constexpr unsigned kCards = 50;
  for (unsigned i = 0; i < kCards; ++i) {
    const TestCard card(rig->card(0));
    // Powered means pcscd has seen it come; the next one can only be accepted
    // after pcscd has seen this one leave.
    ASSERT_TRUE(test::eventually([&] {
      state = context->wait_for_change(name, ReaderState{}, kLong);
      return state && state->events() == 2 * i + 1;
    })) << i;
  }
  ASSERT_TRUE(test::eventually([&] {
    state = context->wait_for_change(name, ReaderState{}, kLong);
    return state && !state->card_present();
  }));
  EXPECT_EQ(state->events(), 2 * kCards);
}

TEST(VirtualReaderRig, LosesAndFindsAReaderWhenOrdered) {
  const auto rig = rig_with(1);
  ASSERT_TRUE(rig);
  const auto context = Context::establish();
  ASSERT_TRUE(context);
  const auto& name = rig->names()[0];
  auto state = context->wait_for_change(name, {}, kLong);
  ASSERT_TRUE(state);
  ASSERT_TRUE(rig->fault(0, "gone"));
  state = context->wait_for_change(name, *state, kLong);
  ASSERT_TRUE(state);
  EXPECT_TRUE(state->unavailable());
  ASSERT_TRUE(rig->fault(0, "back"));
  state = context->wait_for_change(name, *state, kLong);
  ASSERT_TRUE(state);
  EXPECT_FALSE(state->unavailable());
}

TEST(VirtualReaderRig, ServesNewContextsAfterBeingKilledAndRestarted) {
  const auto rig = rig_with(2);
  ASSERT_TRUE(rig);
  const auto before = rig->pcscd_pid();
  rig->kill();
  EXPECT_FALSE(Context::establish());
  ASSERT_TRUE(rig->restart());
  EXPECT_NE(rig->pcscd_pid(), before);
  const auto context = Context::establish();
  ASSERT_TRUE(context);
  EXPECT_EQ(context->readers()->size(), 2U);
}

TEST(VirtualReaderRig, RemovesItsFolder) {
  std::filesystem::path folder;
  {
    const auto rig = rig_with(1);
    ASSERT_TRUE(rig);
    folder = rig->socket().parent_path();
    EXPECT_TRUE(std::filesystem::exists(rig->socket()));
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(VirtualReaderRig, RefusesWhatItCannotStart) {
  EXPECT_EQ(VirtualReaderRig::start({.readers = 0}).error().code(), Errc::bad_value);
  EXPECT_EQ(VirtualReaderRig::start({.readers = 17}).error().code(), Errc::bad_value);
  EXPECT_EQ(VirtualReaderRig::start({.name = "a\"b"}).error().code(), Errc::bad_value);
  EXPECT_EQ(VirtualReaderRig::start({.driver = "/nonexistent.so"}).error(),
            Error(Errc::unreachable, ENOENT));
  EXPECT_EQ(VirtualReaderRig::start({.pcscd = "/nonexistent"}).error(),
            Error(Errc::unreachable, ENOENT));
}

TEST(ReaderFault, ReadsEveryOrderAndNothingElse) {
  using Kind = ReaderFault::Kind;
  EXPECT_EQ(parse_reader_fault("gone")->kind, Kind::gone);
  EXPECT_EQ(parse_reader_fault("resume")->kind, Kind::resume);
  EXPECT_EQ(parse_reader_fault("errors 3")->amount, 3U);
  EXPECT_EQ(parse_reader_fault("short 1")->kind, Kind::cut);
  for (const char* wrong : {"", "Gone", "gone 1", "errors", "errors ", "errors x", "errors 1x",
                            "errors -1", "delay 60001", "delay 99999999999"}) {
    EXPECT_FALSE(parse_reader_fault(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace passgate::sim
