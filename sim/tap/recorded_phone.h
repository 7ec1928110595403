// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "apdu/recording.h"
#include "sim/tap/phone.h"

namespace passgate::sim {

/// A phone that says what another one said. Commands are matched in order and
/// by CLA INS P1 P2 alone: a recording made by another reader carries that
/// reader's nonces and options, and its answers stay good without them.
class RecordedPhone final : public Phone {
 public:
  explicit RecordedPhone(std::vector<apdu::ScriptedExchange> script);

  void activate() override { next_ = 0; }
  /// 6A82 or 6D00 to a command that the recording does not have any more.
  std::optional<Bytes> answer(ByteView command) override;

 private:
  std::vector<apdu::ScriptedExchange> script_;
  std::size_t next_ = 0;
};

}  // namespace passgate::sim
