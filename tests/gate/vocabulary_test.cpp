// SPDX-License-Identifier: Apache-2.0
#include "gate/vocabulary.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "gate/pass_mirror.h"

namespace passgate::gate {
namespace {

TEST(Vocabulary, GivesEveryReasonOneNameThatReadsBack) {
  std::set<std::string_view> names;
  for (unsigned i = 0; i <= static_cast<unsigned>(Reason::remote_unavailable); ++i) {
    const auto reason = static_cast<Reason>(i);
    names.insert(name(reason));
    EXPECT_EQ(reason_from(name(reason)), reason) << name(reason);
  }
  EXPECT_EQ(names.size(), 30U);
}

TEST(Vocabulary, UsesTheWireNamesOfTheEventFormat) {
  EXPECT_EQ(name(Decision::admit), "admit");
  EXPECT_EQ(name(Decision::deny), "deny");
  EXPECT_EQ(name(Decision::read), "read");
  EXPECT_EQ(name(Direction::entry), "entry");
  EXPECT_EQ(name(Direction::exit), "exit");
  EXPECT_EQ(name(Wallet::apple), "apple");
  EXPECT_EQ(name(Wallet::google), "google");
  EXPECT_EQ(name(Reason::already_redeemed), "already_redeemed");
  EXPECT_EQ(name(Reason::out_of_order), "out_of_order");
  EXPECT_EQ(name(PassState::not_yet_valid), "not_yet_valid");
}

TEST(Vocabulary, KnowsNoOtherName) {
  EXPECT_FALSE(decision_from("Admit"));
  EXPECT_FALSE(reason_from(""));
  EXPECT_FALSE(reason_from("internal"));
  EXPECT_FALSE(direction_from("entry "));
  EXPECT_FALSE(wallet_from("samsung"));
  EXPECT_FALSE(pass_state_from("removed"));
  EXPECT_EQ(decision_from("read"), Decision::read);
  EXPECT_EQ(direction_from("exit"), Direction::exit);
  EXPECT_EQ(wallet_from("google"), Wallet::google);
  EXPECT_EQ(pass_state_from("voided"), PassState::voided);
}

TEST(Vocabulary, TellsOurOwnFailuresFromWhatSpeaksAgainstThePass) {
  for (const Reason ours :
       {Reason::undecryptable, Reason::stale_cache, Reason::clock_untrusted,
        Reason::claim_unavailable, Reason::out_of_order, Reason::remote_unavailable}) {
    EXPECT_TRUE(is_own_fault(ours)) << name(ours);
  }
  for (const Reason theirs :
       {Reason::ok, Reason::unknown, Reason::revoked, Reason::voided, Reason::already_redeemed,
        Reason::passback, Reason::capacity, Reason::replayed, Reason::stale_stamp,
        Reason::provider_refused, Reason::locked, Reason::lost}) {
    EXPECT_FALSE(is_own_fault(theirs)) << name(theirs);
  }
}

}  // namespace
}  // namespace passgate::gate
