// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "apdu/lamp.h"
#include "apdu/pcsc/card.h"
#include "apdu/pcsc/context.h"
#include "apdu/pcsc/escape.h"
#include "apdu/pcsc/lamp_profile.h"

namespace passgate::apdu::pcsc {

/// The light and buzzer of a reader, by escape commands from a table of reader
/// models. A reader that is not in the table shows nothing, without an error.
/// Context and card are borrowed. Used by the context's thread.
class ReaderLamp final : public Lamp {
 public:
  /// @param on_failure  Told the first failure only: a reader that refuses
  ///                    escapes refuses them at every tap.
  ReaderLamp(const Context& context, std::string reader,
             std::function<void(const Error&)> on_failure);

  void show(Signal signal) noexcept override;
  /// As `show`, saying what became of it. Errors: those of PC/SC
  /// (return_code.h), rejected (the reader answered, but not with "done").
  Status send(Signal signal);

  /// While `card` is connected nobody else can connect, so the commands go
  /// through its connection. Null: through one of their own.
  void use(const Card* card) noexcept { card_ = card; }

 private:
  Status send_all(CardHandle handle, Signal signal);
  const Context& context_;
  std::string reader_;
  std::function<void(const Error&)> on_failure_;
  const LampProfile* profile_;
  const Card* card_ = nullptr;
  Escape escape_;
};

}  // namespace passgate::apdu::pcsc
