// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/card_channel.h"
#include "sim/tap/phone.h"

namespace passgate::sim {

/// A phone in the field of no reader: for tests and benchmarks in one process.
class PhoneChannel final : public apdu::CardChannel {
 public:
  /// Activates the phone. @param phone  Borrowed; outlives *this.
  explicit PhoneChannel(Phone& phone);

  Result<ByteView> transmit(const apdu::CommandApdu& command) override;
  void release() noexcept override { in_field_ = false; }

  bool released() const noexcept { return !in_field_; }

 private:
  Phone& phone_;
  Bytes answer_;
  bool in_field_ = true;
};

}  // namespace passgate::sim
