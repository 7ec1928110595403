// SPDX-License-Identifier: Apache-2.0
#include "apdu/session.h"

#include <utility>

namespace passgate::apdu {
namespace {

constexpr std::uint8_t kMoreData = 0x61;  // 61xx: xx more bytes by GET RESPONSE
constexpr std::uint8_t kWrongLe = 0x6C;   // 6Cxx: xx is the right Le
constexpr StatusWord kVasNoData{0x6100};  // of GET VAS DATA: a plain "nothing"

std::size_t announced(StatusWord sw) {
  return sw.sw2() == 0 ? kWholeAnswer : sw.sw2();
}

bool is_get_vas_data(const CommandApdu& command) {
  return command.cla() == 0x80 && command.ins() == 0xCA;
}

CommandApdu get_response(std::size_t le) {
  return CommandApdu::case2(0x00, 0xC0, 0x00, 0x00, le);
}

/// One session's exchanges with one card, and what is left of their bounds.
class Conversation {
 public:
  Conversation(const WalletSession& session, CardChannel& card, const Clock& clock)
      : session_(session), card_(card), clock_(clock), began_(clock.monotonic()) {}

  /// Sends one command of the session; `data()` is its answer, put together.
  Result<StatusWord> exchange(const CommandApdu& command);
  ByteView data() const noexcept { return data_; }

 private:
  /// The bounds are checked before a command, not after its answer: what the
  /// phone has said already is not thrown away for being late.
  Result<ResponseView> transmit(const CommandApdu& command);

  const WalletSession& session_;
  CardChannel& card_;
  const Clock& clock_;
  MonoTime began_;
  std::size_t exchanges_ = 0;
  Bytes data_;
};

Result<ResponseView> Conversation::transmit(const CommandApdu& command) {
  const Limits limits = session_.limits();
  if (exchanges_ >= limits.exchanges) return fail(Errc::too_large);
  if (clock_.monotonic() >= began_ + limits.budget) return fail(Errc::deadline_exceeded);
  ++exchanges_;
  const auto wire = card_.transmit(command);
  if (!wire) return std::unexpected(wire.error());
  return ResponseView::parse(*wire);
}

Result<StatusWord> Conversation::exchange(const CommandApdu& command) {
  const std::size_t most = session_.limits().answer_bytes;
  data_.clear();
  CommandApdu next = command;
  bool le_corrected = false;
  for (;;) {  // ends: every turn uses up one of the exchanges
    const auto answer = transmit(next);
    if (!answer) return std::unexpected(answer.error());
    const StatusWord sw = answer->sw();
    if (sw.sw1() == kWrongLe && !le_corrected) {
      next = next.with_le(announced(sw));
      le_corrected = true;
      continue;
    }
    if (answer->data().size() > most - data_.size()) return fail(Errc::too_large);
    append(data_, answer->data());
    const bool belongs_to_vas = sw == kVasNoData && is_get_vas_data(command);
    if (sw.sw1() != kMoreData || belongs_to_vas) return sw;
    next = get_response(announced(sw));
    le_corrected = false;
  }
}

}  // namespace

Result<Outcome> drive(WalletSession& session, CardChannel& card, const Clock& clock) {
  Conversation conversation(session, card, clock);
  Step step = session.begin();
  while (const auto* command = std::get_if<CommandApdu>(&step)) {
    const auto sw = conversation.exchange(*command);
    if (!sw) return std::unexpected(sw.error());
    step = session.feed(ResponseView(conversation.data(), *sw));
  }
  if (const auto* error = std::get_if<Error>(&step)) return std::unexpected(*error);
  return std::get<Outcome>(std::move(step));
}

}  // namespace passgate::apdu
