// SPDX-License-Identifier: Apache-2.0
// Internal to apdu/: what Smart Tap's commands and answers look like; the order
// they come in is SmartTapSession's. Layouts: docs/protocols/google-smart-tap.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "apdu/apdu.h"
#include "apdu/ndef.h"
#include "apdu/smart_tap.h"
#include "apdu/tlv.h"
#include "crypto/smart_tap.h"

namespace passgate::apdu {

/// What OSE.VAS.01 says of Smart Tap.
struct SmartTapOffer {
  std::optional<crypto::SmartTapNonce> handset_nonce;
  bool may_skip_select = false;
};
/// @param fci  Of a wallet with Google's label.
/// Errors: bad_version (2.1 is not in the range offered, the offending end as
/// detail); bad_length (a nonce that is none); those of TlvList::parse.
Result<SmartTapOffer> read_offer(const TlvList& fci);

CommandApdu select_smart_tap();
/// The nonce in its answer.
/// Errors: too_short, bad_version, missing_record, bad_length, those of NDEF.
Result<crypto::SmartTapNonce> read_applet(ByteView data);

struct SmartTapPosition {
  crypto::SmartTapSessionId session;
  std::uint8_t sequence;
};
CommandApdu negotiate_session(const SmartTapPosition& at,
                              const crypto::SmartTapTranscript& transcript, bool pre_signed,
                              std::uint32_t key_version, ByteView signature);
CommandApdu get_data(const SmartTapPosition& at, CollectorId collector,
                     std::span<const ServiceType> services,
                     const std::optional<PosCapabilities>& capabilities);
CommandApdu get_more();

/// Values of the status byte of a session record.
inline constexpr std::uint8_t kStatusOk = 1;
inline constexpr std::uint8_t kStatusVersion = 3;
inline constexpr std::uint8_t kStatusUnknownMerchant = 5;
inline constexpr std::uint8_t kStatusResend = 8;

/// What every answer with data carries besides its own record.
struct SmartTapAnswer {
  std::uint8_t sequence = 0;
  std::uint8_t status = 0;
  ByteView value;  ///< `dpk` or `reb`; only when the status is OK.
};
/// @param name, value  Records: of the answer, and of what is wanted in it.
/// Errors: missing_record, bad_length, wrong_session (of another id), NDEF's.
Result<SmartTapAnswer> read_answer(ByteView data, std::string_view name, std::string_view value,
                                   const crypto::SmartTapSessionId& session);

}  // namespace passgate::apdu
