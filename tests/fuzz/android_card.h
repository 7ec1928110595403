// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "crypto/smart_tap.h"
#include "tests/fuzz/fed_card.h"

namespace passgate::fuzz {

/// How a bundle of AndroidCard was made.
struct PlayedBundle {
  Bytes content;        ///< Before it was compressed and sealed.
  Bytes bundle;         ///< As it travels.
  bool sound = false;   ///< Nothing about it was spoilt: it opens to its content.
  bool forged = false;  ///< Sealed with the right keys, then its HMAC was changed.
};

/// Plays the phone, because no fuzzer guesses an HMAC. Every command uses up one
/// byte of the input: the low half says how it is answered (0 as FedCard does,
/// 1 rightly, else rightly but for one thing), the high half replaces the status
/// word. A right answer to GET DATA takes more from the input, see bundle().
class AndroidCard final : public FedCard {
 public:
  using FedCard::FedCard;

  /// The last of the bundles handed out that was `bundle`; null when none was.
  const PlayedBundle* played(ByteView bundle) const noexcept;

 private:
  Result<Bytes> answer(const apdu::CommandApdu& command) override;
  Bytes right_data(const apdu::CommandApdu& command, unsigned how, std::uint16_t& sw);
  Bytes ose(unsigned how);
  Bytes applet(unsigned how) const;
  Bytes negotiated(ByteView request, unsigned how);
  Bytes bundle(ByteView request, unsigned how, std::uint16_t& sw);
  Bytes vas_data();
  Bytes next_frame(std::uint16_t& sw);
  PlayedBundle make_bundle();

  bool honest_ = true;  ///< Everything so far was said as a phone says it.
  std::optional<crypto::BundleKeys> keys_;
  std::vector<PlayedBundle> played_;
  Bytes frames_;  ///< What is left of an answer to GET DATA.
  std::size_t frame_size_ = 0;
};

}  // namespace passgate::fuzz
