// SPDX-License-Identifier: Apache-2.0
// What a terminal asks of a handset in Smart Tap, read as strictly as the
// protocol is known: records of the given names in the given order, each with
// its length and format, nothing besides (docs/protocols/google-smart-tap.md).
#pragma once

#include <cstdint>
#include <expected>
#include <vector>

#include "apdu/apdu.h"
#include "core/bytes.h"
#include "core/ids.h"
#include "crypto/smart_tap.h"

namespace passgate::sim {

/// Record `ses` of a terminal; its status was 01.
struct SessionStep {
  crypto::SmartTapSessionId id{};
  std::uint8_t sequence = 0;
};

/// Data of NEGOTIATE SMART TAP SECURE SESSION.
struct Negotiation {
  SessionStep session;
  crypto::SmartTapNonce terminal_nonce{};
  std::uint8_t authentication = 0;  ///< 01 live, 00 pre-signed; others are not known.
  crypto::CompressedPoint terminal_key{};
  std::uint32_t key_version = 0;
  Bytes signature;  ///< DER, at most 72 bytes.
  CollectorId collector{};
};

/// Data of GET SMART TAP DATA.
struct DataQuestion {
  SessionStep session;
  CollectorId collector{};
  std::vector<std::uint8_t> services;  ///< At least one, as they stand in `str`.
  bool inflates = false;               ///< The terminal takes zlib.
  bool takes_passes = true;            ///< Not so in payment-only mode.
};

/// What was asked, or the status word that refuses it: 9402 (does not parse),
/// 9502 (another version), 9407 (no collector in `mer`).
template <class Question>
using Asked = std::expected<Question, apdu::StatusWord>;

Asked<Negotiation> read_negotiation(ByteView data);
Asked<DataQuestion> read_data_question(ByteView data);

}  // namespace passgate::sim
