// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/bytes.h"

namespace passgate::sim {

/// Something that is held into a field. Implementations: VirtualIphone,
/// VirtualAndroid, RecordedPhone, HostilePhone. Used by one thread at a time.
class Phone {
 public:
  virtual ~Phone() = default;

  /// The field powers the card: a new activation, nothing selected.
  virtual void activate() = 0;
  /// Raw command in, raw answer with its status word out. Nothing: the phone
  /// left the field instead.
  virtual std::optional<Bytes> answer(ByteView command) = 0;

 protected:
  Phone() = default;
  Phone(const Phone&) = default;
  Phone& operator=(const Phone&) = default;
};

}  // namespace passgate::sim
