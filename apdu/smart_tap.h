// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apdu/session.h"
#include "core/ids.h"
#include "crypto/smart_tap.h"

namespace passgate::apdu {

/// What a `str` record asks for. Some values have no name here; all are sent as given.
enum class ServiceType : std::uint8_t {
  all = 0x00,
  loyalty = 0x03,
  offer = 0x04,
  gift_card = 0x05,
  closed_loop = 0x06,
  event_ticket = 0x07,
  flight = 0x08,
  transit = 0x09,
  generic = 0x12,
  generic_private = 0x13,
  customer = 0x40,
};

/// Payload of `pcr`: system, user interface, checkout, cardholder verification,
/// tap mode.
using PosCapabilities = std::array<std::uint8_t, 5>;
/// Stand-alone, inflates zlib, wants passes only.
inline constexpr PosCapabilities kPassesOnly = {0x41, 0x00, 0x00, 0x00, 0x01};

/// One collector asked with one key. Consecutive attempts of one collector are
/// its key versions, each tried when the phone did not accept the one before.
struct SmartTapAttempt {
  CollectorId collector;
  std::uint32_t key_version = 0;
  /// DER ECDSA-SHA256 of a message by the collector's key of that version.
  /// Empty: ask without authentication; phones then give little.
  std::function<Bytes(ByteView)> sign;
  crypto::SmartTapEphemeral ephemeral;  ///< Fresh; of this attempt alone.
  /// The signature does not cover the handset's nonce (authentication byte 00).
  bool pre_signed = false;
};

/// What a Smart Tap conversation asks for.
struct SmartTapRequest {
  std::vector<SmartTapAttempt> attempts;  ///< In this order.
  std::vector<ServiceType> services = {ServiceType::all};
  std::optional<PosCapabilities> pos_capabilities = kPassesOnly;  ///< Absent: no `pcr`.
};

/// Google Smart Tap 2.1 from SELECT OSE.VAS.01 on (docs/protocols/google-smart-tap.md).
///
/// A phone that does not accept an attempt, or has no pass for its collector, is
/// asked the next one from SELECT on; the best of their ends is the outcome.
///
/// Ordinary ends: GooglePasses, NoMatchingPass, PhoneLocked, ChooseOnPhone,
/// NotAWallet (no Smart Tap applet).
///
/// Errors: too_short, bad_length, bad_value, too_large (malformed TLV or NDEF;
/// more than 64 frames or 64 KiB), bad_version (2.1 not in the phone's range, the
/// offending end or status as detail), missing_record, wrong_session (with the
/// session status as detail), bad_point, unknown_collector and too_many_requests
/// (with the status as detail), unexpected_status with the status word as
/// detail, out_of_sequence. A request without attempts or services, or with more
/// than 16 of them, is bad_value at `begin()`.
class SmartTapSession final : public WalletSession {
 public:
  enum class Entry : std::uint8_t {
    ose,     ///< SELECT OSE.VAS.01 first; it may save the second SELECT.
    applet,  ///< SELECT SMART TAP 2 at once: another wallet answered OSE.VAS.01.
  };
  explicit SmartTapSession(SmartTapRequest request, Entry entry = Entry::ose);
  Step begin() override;
  Step feed(ResponseView answer) override;
  Limits limits() const noexcept override;

 private:
  enum class State : std::uint8_t {
    start,
    selecting_ose,
    selecting_applet,
    negotiating,
    asking,
    continuing,
    finished
  };

  Step on_ose(ResponseView answer);
  Step on_applet(ResponseView answer);
  Step on_negotiated(ResponseView answer);
  Step on_data(ResponseView answer);
  Step on_status(StatusWord sw);

  Step select();
  Step select_applet();
  Step open_session(const crypto::SmartTapNonce& handset_nonce);
  Step negotiate();
  Step ask();
  Step agree(ByteView handset_key);
  Step hand_over();

  Step again(Step if_spent);
  Step no_pass();
  Step refused(std::int32_t detail);
  Step next_attempt(std::size_t next);
  Step on_session_status(std::uint8_t status);
  Step stop(Step reason);

  SmartTapAttempt& attempt() { return request_.attempts[attempt_]; }
  SealedBundle sealed(ByteView bundle);

  SmartTapRequest request_;
  Entry entry_;
  State state_ = State::start;
  std::string label_;           ///< Of the wallet that answered OSE.VAS.01.
  std::size_t attempt_ = 0;     ///< The one under way.
  std::optional<Step> so_far_;  ///< How the attempts before it ended.
  bool repeated_ = false;       ///< The command under way was sent once before.
  // Of the attempt under way.
  crypto::SmartTapTranscript transcript_{};
  Bytes signature_;
  std::uint8_t sequence_ = 0;  ///< Last received.
  std::optional<crypto::BundleKeys> keys_;
  std::size_t frames_ = 0;
  Bytes data_;  ///< Of all frames so far.
};

}  // namespace passgate::apdu
