// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>
#include <vector>

#include "apdu/apple_vas.h"
#include "apdu/scripted_card.h"
#include "apdu/session.h"
#include "tests/apdu/manual_clock.h"

namespace passgate::apdu {
namespace {

using namespace std::chrono_literals;

/// Sends one command, keeps the answer it is fed and ends.
class OneQuestion final : public WalletSession {
 public:
  explicit OneQuestion(CommandApdu question) : question_(std::move(question)) {}
  Step begin() override { return question_; }
  Step feed(ResponseView answer) override {
    data = Bytes(answer.data().begin(), answer.data().end());
    sw = answer.sw();
    return NoMatchingPass{};
  }
  Bytes data;
  StatusWord sw{0};

 private:
  CommandApdu question_;
};

/// A session that never has enough.
class Insatiable final : public WalletSession {
 public:
  Step begin() override { return CommandApdu::case1(0, 1, 2, 3); }
  Step feed(ResponseView) override { return begin(); }
};

/// Another session under other bounds.
class Bounded final : public WalletSession {
 public:
  Bounded(WalletSession& session, const Limits& limits) : session_(session), limits_(limits) {}
  Step begin() override { return session_.begin(); }
  Step feed(ResponseView answer) override { return session_.feed(answer); }
  Limits limits() const noexcept override { return limits_; }

 private:
  WalletSession& session_;
  Limits limits_;
};

Result<Outcome> drive_within(const Limits& limits, WalletSession& session, CardChannel& card,
                             const Clock& clock) {
  Bounded bounded(session, limits);
  return drive(bounded, card, clock);
}

/// A card whose answers are computed, for what no script can hold.
class AnsweringCard final : public CardChannel {
 public:
  explicit AnsweringCard(std::function<Bytes(const CommandApdu&)> answer)
      : answer_(std::move(answer)) {}
  Result<ByteView> transmit(const CommandApdu& command) override {
    ++asked;
    last_ = answer_(command);
    return ByteView(last_);
  }
  void release() noexcept override {}
  std::size_t asked = 0;

 private:
  std::function<Bytes(const CommandApdu&)> answer_;
  Bytes last_;
};

const CommandApdu kRead = CommandApdu::case2(0x00, 0xB0, 0x00, 0x00, 256);
const CommandApdu kGetVasData = CommandApdu::case4(0x80, 0xCA, 0x01, 0x01, Bytes{0x00}, 256);

Bytes hex(std::string_view text) {
  return from_hex(text).value();
}

class Drive : public testing::Test {
 protected:
  Result<Outcome> run(CommandApdu question, std::vector<ScriptedExchange> script) {
    session = OneQuestion(std::move(question));
    ScriptedCard card(std::move(script));
    auto outcome = drive_within(limits, session, card, clock);
    EXPECT_FALSE(card.mismatch()) << "sent " << to_hex(card.mismatch()->actual);
    EXPECT_TRUE(card.finished());
    return outcome;
  }
  OneQuestion session{kRead};
  ManualClock clock;
  Limits limits;
};

TEST_F(Drive, GivesTheSessionTheAnswer) {
  ASSERT_TRUE(run(kRead, {{hex("00b0000000"), hex("01029000")}}));
  EXPECT_EQ(to_hex(session.data), "0102");
  EXPECT_EQ(session.sw, kSuccess);
}

TEST_F(Drive, PutsChainedAnswersTogether) {
  ASSERT_TRUE(run(kRead, {{hex("00b0000000"), hex("01026102")},
                          {hex("00c0000002"), hex("03046100")},
                          {hex("00c0000000"), hex("059000")}}));
  EXPECT_EQ(to_hex(session.data), "0102030405");
  EXPECT_EQ(session.sw, kSuccess);
}

TEST_F(Drive, RepeatsWithTheRightLengthOnce) {
  ASSERT_TRUE(run(kRead, {{hex("00b0000000"), hex("6c05")}, {hex("00b0000005"), hex("019000")}}));
  EXPECT_EQ(to_hex(session.data), "01");
  ASSERT_TRUE(run(kRead, {{hex("00b0000000"), hex("6c05")}, {hex("00b0000005"), hex("6c05")}}));
  EXPECT_EQ(session.sw, StatusWord(0x6C05)) << "a second 6Cxx is the session's business";
}

TEST_F(Drive, CorrectsTheLengthOfAChainedPartToo) {
  ASSERT_TRUE(run(kRead, {{hex("00b0000000"), hex("016108")},
                          {hex("00c0000008"), hex("6c02")},
                          {hex("00c0000002"), hex("02039000")}}));
  EXPECT_EQ(to_hex(session.data), "010203");
}

TEST_F(Drive, Leaves6100OfGetVasDataToTheSession) {
  ASSERT_TRUE(run(kGetVasData, {{hex("80ca0101010000"), hex("6100")}}));
  EXPECT_EQ(session.sw, StatusWord(0x6100));
}

TEST_F(Drive, ChainsOther61xxOfGetVasData) {
  ASSERT_TRUE(
      run(kGetVasData, {{hex("80ca0101010000"), hex("6101")}, {hex("00c0000001"), hex("aa9000")}}));
  EXPECT_EQ(to_hex(session.data), "aa");
}

TEST_F(Drive, CallsAnAnswerWithoutStatusTooShort) {
  EXPECT_EQ(run(kRead, {{hex("00b0000000"), hex("90")}}).error(), Error(Errc::too_short));
  EXPECT_EQ(run(kRead, {{hex("00b0000000"), Bytes{}}}).error(), Error(Errc::too_short));
}

TEST_F(Drive, ReportsThatTheCardLeft) {
  EXPECT_EQ(run(kRead, {{hex("00b0000000"), fail(Errc::card_removed)}}).error(),
            Error(Errc::card_removed));
}

TEST_F(Drive, EndsAnEndlessChain) {
  AnsweringCard card([](const CommandApdu&) { return Bytes{0x01, 0x61, 0x10}; });
  EXPECT_EQ(drive_within(limits, session, card, clock).error(), Error(Errc::too_large));
  EXPECT_EQ(card.asked, limits.exchanges);
}

TEST_F(Drive, BoundsOneAnswerHoweverManyExchangesAreAllowed) {
  limits.exchanges = 10'000;
  AnsweringCard card([](const CommandApdu&) {
    Bytes answer(256, 0x55);
    append(answer, Bytes{0x61, 0x00});
    return answer;
  });
  EXPECT_EQ(drive_within(limits, session, card, clock).error(), Error(Errc::too_large));
  EXPECT_EQ(card.asked, limits.answer_bytes / 256 + 1);
}

TEST_F(Drive, EndsASessionThatNeverEnds) {
  Insatiable endless;
  AnsweringCard card([](const CommandApdu&) { return Bytes{0x90, 0x00}; });
  EXPECT_EQ(drive_within(limits, endless, card, clock).error(), Error(Errc::too_large));
  EXPECT_EQ(card.asked, limits.exchanges);
}

TEST_F(Drive, StopsAtTheDeadlineBetweenExchanges) {
  Insatiable endless;
  AnsweringCard card([&](const CommandApdu&) {
    clock.advance(limits.budget / 2);
    return Bytes{0x90, 0x00};
  });
  EXPECT_EQ(drive_within(limits, endless, card, clock).error(), Error(Errc::deadline_exceeded));
  EXPECT_EQ(card.asked, 2U);
}

TEST_F(Drive, UsesAnAnswerThatCameLate) {
  AnsweringCard card([&](const CommandApdu&) {
    clock.advance(limits.budget * 3);
    return Bytes{0xAA, 0x90, 0x00};
  });
  EXPECT_TRUE(drive_within(limits, session, card, clock));
  EXPECT_EQ(to_hex(session.data), "aa");
}

TEST(DriveProperty, StaysWithinItsBoundsWhateverThePhoneSays) {
  EXPECT_TRUE(rc::check([](const std::vector<Bytes>& answers, std::uint8_t exchanges) {
    ManualClock clock;
    const Limits limits{.budget = 1s, .exchanges = exchanges, .answer_bytes = 600};
    std::size_t next = 0;
    AnsweringCard card([&](const CommandApdu&) {
      clock.advance(30ms);
      return answers.empty() ? Bytes{0x61, 0x00} : answers[next++ % answers.size()];
    });
    VasRequest request;
    request.merchants.resize(3);
    AppleVasSession session(std::move(request));
    const auto outcome = drive_within(limits, session, card, clock);
    RC_ASSERT(card.asked <= exchanges);
    RC_ASSERT(card.asked <= 34U);  // 1 s of 30 ms each
    RC_ASSERT(outcome.has_value() || outcome.error().code() != Errc::out_of_sequence);
  }));
}

}  // namespace
}  // namespace passgate::apdu
