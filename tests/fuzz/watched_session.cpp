// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/watched_session.h"

#include <algorithm>
#include <string>
#include <variant>

#include "apdu/outcome_text.h"
#include "tests/fuzz/expect.h"

namespace passgate::fuzz {
namespace {

// Those of the channel and of drive() itself.
constexpr Errc kErrorsOfDrive[] = {Errc::card_removed,      Errc::reader_gone,
                                   Errc::pcsc_unavailable,  Errc::too_large,
                                   Errc::deadline_exceeded, Errc::too_short};
constexpr std::size_t kLongestText = 120;  // a line for a person

/// The session under watch, seen from drive().
class Watched final : public apdu::WalletSession {
 public:
  explicit Watched(apdu::WalletSession& session) : session_(session) {}

  apdu::Step begin() override { return seen(session_.begin()); }
  apdu::Step feed(apdu::ResponseView answer) override {
    FUZZ_EXPECT(!ended_);
    // drive() keeps answers in a buffer that may be larger: one that ends where
    // the answer does shows who reads on.
    const Bytes data = exact(answer.data());
    return seen(session_.feed(apdu::ResponseView(data, answer.sw())));
  }
  apdu::Limits limits() const noexcept override {
    const apdu::Limits now = session_.limits();
    FUZZ_EXPECT(now.exchanges > 0 && now.exchanges <= 128);
    FUZZ_EXPECT(now.answer_bytes > 0 && now.answer_bytes <= std::size_t{64} * 1024);
    most_exchanges_ = std::max(most_exchanges_, now.exchanges);
    return now;
  }

  bool ended() const noexcept { return ended_; }
  std::size_t most_exchanges() const noexcept { return most_exchanges_; }

 private:
  apdu::Step seen(apdu::Step step) {
    ended_ = !std::holds_alternative<apdu::CommandApdu>(step);
    return step;
  }

  apdu::WalletSession& session_;
  bool ended_ = false;
  mutable std::size_t most_exchanges_ = 0;
};

void expect_out_of_sequence(const apdu::Step& step) {
  const auto* error = std::get_if<Error>(&step);
  FUZZ_EXPECT(error != nullptr && error->code() == Errc::out_of_sequence);
}

bool is_one_of(std::span<const Errc> codes, Errc code) {
  return std::ranges::find(codes, code) != codes.end();
}

}  // namespace

Result<apdu::Outcome> drive_watched(apdu::WalletSession& session, FedCard& card, const Clock& clock,
                                    std::span<const Errc> errors) {
  Watched watched(session);
  auto outcome = apdu::drive(watched, card, clock);
  FUZZ_EXPECT(card.sent() <= watched.most_exchanges());
  if (outcome) {
    FUZZ_EXPECT(watched.ended() && card.answered() == card.sent());
  } else {
    const Errc code = outcome.error().code();
    FUZZ_EXPECT(is_one_of(kErrorsOfDrive, code) || is_one_of(errors, code));
  }
  const std::string text = apdu::outcome_text(outcome);
  FUZZ_EXPECT(!text.empty() && text.size() <= kLongestText);
  FUZZ_EXPECT(std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; }));
  if (watched.ended()) {
    expect_out_of_sequence(session.feed(apdu::ResponseView({}, apdu::kSuccess)));
    expect_out_of_sequence(session.begin());
    expect_out_of_sequence(session.feed(apdu::ResponseView({}, apdu::kSuccess)));
  }
  return outcome;
}

}  // namespace passgate::fuzz
