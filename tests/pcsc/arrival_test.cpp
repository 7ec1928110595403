// SPDX-License-Identifier: Apache-2.0
#include "daemon/arrival.h"

#include <gtest/gtest.h>
#include <winscard.h>

#include <vector>

namespace passgate::daemon {
namespace {

using apdu::pcsc::ReaderState;
using News = Arrival::News;

ReaderState empty(unsigned long events) {
  return ReaderState::from_event(SCARD_STATE_EMPTY | events << 16);
}
ReaderState present(unsigned long events) {
  return ReaderState::from_event(SCARD_STATE_PRESENT | events << 16);
}
ReaderState unavailable() {
  return ReaderState::from_event(SCARD_STATE_UNAVAILABLE);
}

std::vector<News> observe(Arrival& arrival, const std::vector<ReaderState>& states) {
  std::vector<News> news;
  news.reserve(states.size());
  for (const auto& state : states) news.push_back(arrival.observe(state));
  return news;
}

TEST(Arrival, AnnouncesEachCardOnce) {
  Arrival arrival;
  EXPECT_EQ(observe(arrival, {empty(0), present(1), present(1), empty(2), present(3)}),
            (std::vector{News::state, News::card, News::none, News::state, News::card}));
}

TEST(Arrival, AnnouncesACardThatIsThereFromTheStart) {
  Arrival arrival;
  EXPECT_EQ(observe(arrival, {present(0), empty(1)}), (std::vector{News::card, News::state}));
}

TEST(Arrival, AnnouncesACardThatReplacedAnotherUnseen) {
  Arrival arrival;
  EXPECT_EQ(observe(arrival, {present(1), present(3), present(7)}),
            (std::vector{News::card, News::card, News::card}));
}

TEST(Arrival, GoesOnWhenTheCounterWrapsAround) {
  Arrival arrival;
  EXPECT_EQ(observe(arrival, {present(65533), empty(65534), present(65535), empty(0), present(1)}),
            (std::vector{News::card, News::state, News::card, News::state, News::card}));
  Arrival swapped;
  EXPECT_EQ(observe(swapped, {present(65535), present(1)}), (std::vector{News::card, News::card}));
}

TEST(Arrival, TakesACounterThatFollowsLateForTheSameCard) {
  Arrival arrival;
  EXPECT_EQ(observe(arrival, {empty(4), present(4), present(5), empty(6), present(7)}),
            (std::vector{News::state, News::card, News::state, News::state, News::card}));
}

TEST(Arrival, AnnouncesASecondCardWhoseCounterFollowsLate) {
  // 5 is the first card, whole; it leaves (6) and the next is seen with 6
  // before its own event is counted (7).
  Arrival arrival;
  const auto news = observe(arrival, {present(5), present(6), present(7)});
  EXPECT_EQ(news.front(), News::card);
  EXPECT_EQ(news.back(), News::card);
}

TEST(Arrival, TakesTheLateCounterOnlyUntilTheStateWasSeenAgain) {
  Arrival arrival;
  EXPECT_EQ(observe(arrival, {present(5), present(5), present(6), present(7)}),
            (std::vector{News::card, News::none, News::card, News::state}));
}

TEST(Arrival, KeepsWhatItKnowsWhenShownAnOlderState) {
  Arrival arrival;
  EXPECT_EQ(observe(arrival, {empty(2), present(3), empty(2), present(3)}),
            (std::vector{News::state, News::card, News::none, News::none}));
  EXPECT_EQ(arrival.known(), present(3));
}

TEST(Arrival, StartsToCountAnewAfterTheReaderWasUnavailable) {
  Arrival arrival;
  EXPECT_EQ(observe(arrival, {present(40001), unavailable(), empty(0), present(1)}),
            (std::vector{News::card, News::state, News::state, News::card}));
}

}  // namespace
}  // namespace passgate::daemon
