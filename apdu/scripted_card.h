// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "apdu/card_channel.h"

namespace passgate::apdu {

/// What a scripted card expects and how it answers.
struct ScriptedExchange {
  Bytes command;
  Result<Bytes> answer;  ///< With its status word; or how the channel fails.
};

/// A card that plays a script: for recorded taps, tests and benchmarks.
///
/// A command other than the next of the script, or one after its end, fails
/// with out_of_sequence, the index as detail; `mismatch()` then says what was
/// expected. Nothing repeats or starts again.
class ScriptedCard final : public CardChannel {
 public:
  struct Mismatch {
    std::size_t index;
    Bytes expected;  ///< Empty: the script was over.
    Bytes actual;
  };

  explicit ScriptedCard(std::vector<ScriptedExchange> script) : script_(std::move(script)) {}

  Result<ByteView> transmit(const CommandApdu& command) override;
  void release() noexcept override { released_ = true; }

  bool released() const noexcept { return released_; }
  std::size_t played() const noexcept { return next_; }
  /// True when every exchange of the script has taken place.
  bool finished() const noexcept { return next_ == script_.size(); }
  /// The first one, if any.
  const std::optional<Mismatch>& mismatch() const noexcept { return mismatch_; }

 private:
  std::vector<ScriptedExchange> script_;
  std::size_t next_ = 0;
  bool released_ = false;
  std::optional<Mismatch> mismatch_;
};

}  // namespace passgate::apdu
