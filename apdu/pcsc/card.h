// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "apdu/card_channel.h"
#include "apdu/pcsc/context.h"
#include "apdu/pcsc/escape.h"

namespace passgate::apdu::pcsc {

/// The card in one reader's field, over PC/SC. Used by the thread of its
/// context; the context outlives it.
class Card final : public CardChannel {
 public:
  /// Connects, for this program alone. When another program shares the reader:
  /// shared, inside one transaction that lasts until `release()`, so that the
  /// other cannot speak in the middle of a tap.
  ///
  /// While another program's transaction is under way pcscd holds every new
  /// connection back until its end; there is no way to bound that.
  ///
  /// Errors: card_removed (none there, or one that cannot be powered),
  /// reader_gone (with SHARING_VIOLATION as detail: another program keeps it for
  /// itself), pcsc_unavailable.
  static Result<Card> connect(const Context& context, const std::string& reader);
  Card(Card&& other) noexcept;
  Card& operator=(Card&&) = delete;
  Card(const Card&) = delete;
  Card& operator=(const Card&) = delete;
  ~Card() override { release(); }

  /// See CardChannel; also return_code.h. An answer may have up to 65 538
  /// bytes, the longest ISO 7816-4 knows.
  Result<ByteView> transmit(const CommandApdu& command) override;
  void release() noexcept override;

  /// 0 after `release()`.
  CardHandle handle() const noexcept { return handle_; }
  bool shared() const noexcept { return shared_; }

 private:
  Card(CardHandle handle, unsigned long protocol, bool shared);
  CardHandle handle_;
  unsigned long protocol_;
  bool shared_;
  Bytes answer_;
};

}  // namespace passgate::apdu::pcsc
