// SPDX-License-Identifier: Apache-2.0
#include "apdu/scripted_card.h"

#include <algorithm>

namespace passgate::apdu {

Result<ByteView> ScriptedCard::transmit(const CommandApdu& command) {
  if (released_) return fail(Errc::card_removed);
  const bool over = next_ == script_.size();
  if (over || !std::ranges::equal(script_[next_].command, command.wire())) {
    if (!mismatch_) {
      mismatch_ = {.index = next_,
                   .expected = over ? Bytes{} : script_[next_].command,
                   .actual = Bytes(command.wire().begin(), command.wire().end())};
    }
    return fail(Errc::out_of_sequence, static_cast<std::int32_t>(next_));
  }
  const auto& answer = script_[next_++].answer;
  if (!answer) return std::unexpected(answer.error());
  return ByteView(*answer);
}

}  // namespace passgate::apdu
