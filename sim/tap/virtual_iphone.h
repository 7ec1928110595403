// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "apdu/apdu.h"
#include "apdu/tlv.h"
#include "core/clock.h"
#include "core/ids.h"
#include "core/secret.h"
#include "sim/tap/phone.h"
#include "sim/tap/phone_state.h"

namespace passgate::sim {

/// A pass in the wallet, with what its maker put into it.
struct WalletPass {
  PassTypeId id;
  SecretBytes terminal_key;  ///< `nfc.encryptionPublicKey`; a private key does as well.
  Bytes message;             ///< `nfc.message`; a phone cuts it after 64 bytes.
};

struct IphoneOptions {
  PhoneState state = PhoneState::ready;  ///< Locked: 6287 for every pass it has; choose: 6984.
  std::optional<WallTime> stamp =
      std::nullopt;                   ///< What its clock shows; absent: the given clock's time…
  std::chrono::seconds stamp_skew{};  ///< …and this much more.
  bool tamper = false;                ///< One bit of every tag is wrong.
};

/// A wallet with Apple passes, on the wire as docs/protocols/apple-vas.md says
/// a handset is: strict about requests, one pass an activation in VAS-only
/// mode, really encrypting.
class VirtualIphone final : public Phone {
 public:
  /// @param clock  Borrowed; outlives *this.
  VirtualIphone(std::vector<WalletPass> passes, IphoneOptions options, const Clock& clock);

  void activate() override;
  std::optional<Bytes> answer(ByteView command) override;

 private:
  /// What a well-formed GET VAS DATA asks for.
  struct Question {
    bool url_only;
    MerchantHash merchant;
    std::uint8_t mode;  ///< Byte 4 of 9F26, bits 1..0.
  };

  Bytes select(const apdu::CommandApdu& command);
  Bytes get_vas_data(const apdu::CommandApdu& command);
  static std::optional<Question> read_question(const apdu::CommandApdu& command);
  Bytes give(const WalletPass& pass);
  WallTime stamp() const;

  std::vector<WalletPass> passes_;
  IphoneOptions options_;
  const Clock& clock_;
  bool selected_ = false;
  bool gave_one_ = false;  ///< In this activation.
};

}  // namespace passgate::sim
