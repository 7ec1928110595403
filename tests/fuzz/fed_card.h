// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "apdu/card_channel.h"
#include "tests/apdu/manual_clock.h"
#include "tests/fuzz/input.h"

namespace passgate::fuzz {

/// A card that answers with what the fuzzer gave. An answer is
///   length[2] bytes           length below F000; the last one may be cut off
///   F0nn SW[2]                nn + 1 KiB of zeros: large without a large input
///   FFFn                      the channel fails, n says how
/// and when the input is used up, the card has left.
class FedCard : public apdu::CardChannel {
 public:
  /// @param delay  What every answer takes on `clock`.
  FedCard(Input& input, apdu::ManualClock& clock, Milliseconds delay)
      : input_(input), clock_(clock), delay_(delay) {}

  Result<ByteView> transmit(const apdu::CommandApdu& command) final;
  void release() noexcept override {}

  std::size_t sent() const noexcept { return sent_; }
  std::size_t answered() const noexcept { return answered_; }

 protected:
  virtual Result<Bytes> answer(const apdu::CommandApdu& command);
  Result<Bytes> next_answer();
  Input& input() noexcept { return input_; }

 private:
  Input& input_;
  apdu::ManualClock& clock_;
  Milliseconds delay_;
  Bytes last_;
  std::size_t sent_ = 0;
  std::size_t answered_ = 0;
};

}  // namespace passgate::fuzz
