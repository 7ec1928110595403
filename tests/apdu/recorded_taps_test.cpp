// SPDX-License-Identifier: Apache-2.0
// Every file of tests/fixtures/taps, each under its own name: the commands must
// be the recorded ones byte for byte, the outcome and the opened passes too.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include "apdu/outcome_text.h"
#include "apdu/recording.h"
#include "tests/apdu/manual_clock.h"

namespace passgate::apdu {
namespace {

struct Tap {
  std::filesystem::path file;
  friend void PrintTo(const Tap& tap, std::ostream* out) { *out << tap.file.stem().string(); }
};

std::vector<Tap> taps() {
  std::vector<Tap> all;
  for (const auto& entry : std::filesystem::directory_iterator(PASSGATE_FIXTURES "/taps")) {
    if (entry.path().extension() == ".apdu") all.push_back({entry.path()});
  }
  std::ranges::sort(all, {}, &Tap::file);
  return all;
}

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> openings(const Recording& recording, const ApplePasses& passes) {
  std::vector<std::string> all;
  for (const auto& sealed : passes.sealed) {
    crypto::VasKeyRing ring(recording.apple->merchants.at(sealed.merchant));
    for (const auto& key : recording.keys) EXPECT_TRUE(ring.add(key));
    all.push_back(opening_text(ring.id(), ring.open(sealed.cryptogram)));
  }
  return all;
}

std::vector<std::string> openings(const Recording& recording, const Outcome& outcome) {
  if (const auto* apple = std::get_if<ApplePasses>(&outcome)) return openings(recording, *apple);
  const auto* sealed = sealed_bundle(outcome);
  if (sealed == nullptr) return {};
  return object_texts(sealed->collector, open_bundle(*sealed));
}

class RecordedTap : public testing::TestWithParam<Tap> {};

TEST_P(RecordedTap, EndsAsItDid) {
  const auto recording = parse_recording(read(GetParam().file));
  ASSERT_TRUE(recording) << "line " << recording.error().line << ": " << recording.error().message;
  ASSERT_FALSE(recording->contacts.empty());
  const ManualClock clock;
  for (const auto& contact : recording->contacts) {
    ScriptedCard card(contact.script());
    auto request = wallet_request(*recording, contact);
    ASSERT_TRUE(request);
    WalletTap session(std::move(*request));
    const auto outcome = drive(session, card, clock);
    ASSERT_FALSE(card.mismatch()) << "exchange " << card.mismatch()->index << "\nexpected "
                                  << to_hex(card.mismatch()->expected) << "\nsent     "
                                  << to_hex(card.mismatch()->actual);
    EXPECT_TRUE(card.finished());
    EXPECT_EQ(outcome_text(outcome), contact.outcome);
    EXPECT_EQ(outcome ? openings(*recording, *outcome) : std::vector<std::string>{},
              contact.openings);
  }
}

TEST_P(RecordedTap, SurvivesBeingWrittenAgain) {
  const auto recording = parse_recording(read(GetParam().file));
  ASSERT_TRUE(recording);
  const std::string text = to_text(*recording, "");
  const auto again = parse_recording(text);
  ASSERT_TRUE(again);
  EXPECT_EQ(to_text(*again, ""), text);
  ASSERT_EQ(again->contacts.size(), recording->contacts.size());
  for (std::size_t i = 0; i < again->contacts.size(); ++i) {
    EXPECT_EQ(again->contacts[i].attempts, recording->contacts[i].attempts);
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, RecordedTap, testing::ValuesIn(taps()),
                         [](const auto& tested) { return tested.param.file.stem().string(); });

TEST(RecordedTaps, AreAllThere) {
  EXPECT_GE(taps().size(), 44U);
}

}  // namespace
}  // namespace passgate::apdu
