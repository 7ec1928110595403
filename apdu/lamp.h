// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace passgate::apdu {

/// What a reader's light and buzzer can say.
enum class Signal : std::uint8_t {
  admit,
  deny,
  attention,  ///< The guest has something to do on the phone.
  fault,      ///< The terminal could not judge; nothing is said of the pass.
  idle,
};

/// The light and buzzer of one reader. Implementations: pcsc::ReaderLamp
/// (escape commands by reader model), tests. Best effort: a reader without a
/// known lamp shows nothing, and no tap fails for it.
/// Used by the reader's own thread only.
class Lamp {
 public:
  virtual ~Lamp() = default;
  virtual void show(Signal signal) noexcept = 0;

 protected:
  Lamp() = default;
  Lamp(const Lamp&) = default;
  Lamp& operator=(const Lamp&) = default;
};

}  // namespace passgate::apdu
