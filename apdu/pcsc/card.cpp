// SPDX-License-Identifier: Apache-2.0
#include "apdu/pcsc/card.h"

#include <reader.h>
#include <winscard.h>

#include <array>
#include <thread>

#include "apdu/pcsc/return_code.h"

namespace passgate::apdu::pcsc {
namespace {

constexpr DWORD kProtocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;

struct Connected {
  CardHandle handle;
  DWORD protocol;
};

Result<Connected> connect_as(ContextId context, const std::string& reader, DWORD share) {
  Connected made{};
  const LONG code =
      SCardConnect(context, reader.c_str(), share, kProtocols, &made.handle, &made.protocol);
  if (code != SCARD_S_SUCCESS) return std::unexpected(error_of(code));
  return made;
}

}  // namespace

Result<Card> Card::connect(const Context& context, const std::string& reader) {
  const auto alone = connect_as(context.id(), reader, SCARD_SHARE_EXCLUSIVE);
  if (alone) return Card(alone->handle, alone->protocol, false);
  if (alone.error() != error_of(SCARD_E_SHARING_VIOLATION)) {
    return std::unexpected(alone.error());
  }
  const auto shared = connect_as(context.id(), reader, SCARD_SHARE_SHARED);
  if (!shared) return std::unexpected(shared.error());
  const LONG begun = SCardBeginTransaction(shared->handle);
  if (begun != SCARD_S_SUCCESS) {
    SCardDisconnect(shared->handle, SCARD_LEAVE_CARD);
    return std::unexpected(error_of(begun));
  }
  return Card(shared->handle, shared->protocol, true);
}

Card::Card(CardHandle handle, unsigned long protocol, bool shared)
    : handle_(handle), protocol_(protocol), shared_(shared), answer_(MAX_BUFFER_SIZE_EXTENDED) {}

Card::Card(Card&& other) noexcept
    : handle_(std::exchange(other.handle_, 0)),
      protocol_(other.protocol_),
      shared_(other.shared_),
      answer_(std::move(other.answer_)) {}

Result<ByteView> Card::transmit(const CommandApdu& command) {
  if (handle_ == 0) return fail(Errc::card_removed);
  const auto* protocol = protocol_ == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
  DWORD length = answer_.size();
  const LONG code = SCardTransmit(handle_, protocol, command.wire().data(), command.wire().size(),
                                  nullptr, answer_.data(), &length);
  if (code != SCARD_S_SUCCESS) return std::unexpected(error_of(code));
  return ByteView(answer_).first(length);
}

void Card::release() noexcept {
  const CardHandle handle = std::exchange(handle_, 0);
  if (handle == 0) return;
  SCardDisconnect(handle, SCARD_UNPOWER_CARD);  // ends the transaction as well
}

}  // namespace passgate::apdu::pcsc
