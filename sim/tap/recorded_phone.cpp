// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/recorded_phone.h"

#include <algorithm>
#include <utility>

namespace passgate::sim {
namespace {

constexpr std::size_t kHeader = 4;  // CLA INS P1 P2

bool same_header(ByteView a, ByteView b) {
  return a.size() >= kHeader && b.size() >= kHeader &&
         std::ranges::equal(a.first(kHeader), b.first(kHeader));
}

}  // namespace

RecordedPhone::RecordedPhone(std::vector<apdu::ScriptedExchange> script)
    : script_(std::move(script)) {}

std::optional<Bytes> RecordedPhone::answer(ByteView command) {
  for (std::size_t i = next_; i < script_.size(); ++i) {
    if (!same_header(script_[i].command, command)) continue;
    next_ = i + 1;
    if (!script_[i].answer) return std::nullopt;  // there the reader lost the card
    return *script_[i].answer;
  }
  const bool select = command.size() > 1 && command[1] == 0xA4;
  return select ? Bytes{0x6A, 0x82} : Bytes{0x6D, 0x00};
}

}  // namespace passgate::sim
