// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/phone_channel.h"

#include <utility>

namespace passgate::sim {

PhoneChannel::PhoneChannel(Phone& phone) : phone_(phone) {
  phone_.activate();
}

Result<ByteView> PhoneChannel::transmit(const apdu::CommandApdu& command) {
  if (!in_field_) return fail(Errc::card_removed);
  auto answer = phone_.answer(command.wire());
  if (!answer) {
    in_field_ = false;
    return fail(Errc::card_removed);
  }
  answer_ = std::move(*answer);
  return ByteView(answer_);
}

}  // namespace passgate::sim
