// SPDX-License-Identifier: Apache-2.0
#include "apdu/pcsc/reader_lamp.h"

#include <winscard.h>

#include <algorithm>

#include "apdu/pcsc/return_code.h"

namespace passgate::apdu::pcsc {
namespace {

bool starts_with(ByteView bytes, ByteView prefix) {
  return bytes.size() >= prefix.size() && std::ranges::equal(bytes.first(prefix.size()), prefix);
}

}  // namespace

ReaderLamp::ReaderLamp(const Context& context, std::string reader,
                       std::function<void(const Error&)> on_failure)
    : context_(context),
      reader_(std::move(reader)),
      on_failure_(std::move(on_failure)),
      profile_(lamp_profile(reader_)) {}

void ReaderLamp::show(Signal signal) noexcept {
  const auto sent = send(signal);
  if (sent || !on_failure_) return;
  std::exchange(on_failure_, nullptr)(sent.error());
}

Status ReaderLamp::send(Signal signal) {
  if (profile_ == nullptr) return {};
  if (card_ != nullptr && card_->handle() != 0) return send_all(card_->handle(), signal);
  // DIRECT works without a card. Not kept open: it would shut out the
  // exclusive connection of the next tap.
  CardHandle handle = 0;
  DWORD protocol = 0;
  const LONG code =
      SCardConnect(context_.id(), reader_.c_str(), SCARD_SHARE_DIRECT, 0, &handle, &protocol);
  if (code != SCARD_S_SUCCESS) return std::unexpected(error_of(code));
  auto sent = send_all(handle, signal);
  SCardDisconnect(handle, SCARD_LEAVE_CARD);
  return sent;
}

Status ReaderLamp::send_all(CardHandle handle, Signal signal) {
  for (const LampCommand& command : commands_for(*profile_, signal)) {
    const auto answer = escape_.send(handle, command.view());
    if (!answer) return std::unexpected(answer.error());
    if (!starts_with(*answer, profile_->accepted)) return fail(Errc::rejected);
  }
  return {};
}

}  // namespace passgate::apdu::pcsc
