// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apdu/apple_vas.h"
#include "apdu/scripted_card.h"
#include "apdu/smart_tap.h"
#include "apdu/smart_tap_object.h"
#include "apdu/wallet.h"
#include "core/ids.h"
#include "core/secret.h"
#include "crypto/smart_tap.h"
#include "crypto/vas_key_ring.h"

// Recorded taps, `.apdu`: one text format for fixtures, fuzz seeds, bench
// inputs and bug reports. Line by line:
//
//   # comment; also empty lines
//   profile apple merchants=ID[,ID…] [url=URL] [nonce=HEX8] [filter=HEX10]
//           [mode=vas_or_payment|vas_and_payment|vas_only]     (on one line)
//   profile google [services=00[,03…]] [pcr=HEX10|none]
//                          what the reader asks: one of the two or both, each
//                          once, before everything else
//   key hex:SCALAR         a published demo key, 32 bytes; never one that protects
//   attempt collector=N version=N session=HEX16
//           [nonce=HEX64 ephemeral=HEX64 signature=HEX [pre-signed]] (one line)
//                          for Android: with what the reader asked, in order,
//                          before the first `>>` of the contact; a contact
//                          without has those of the contact before. Without
//                          nonce, ephemeral (the private scalar) and signature
//                          (DER) it asked without authentication.
//   >> HEX                 a command; spaces between bytes as you like
//   << HEX [@38ms]         its answer with status word; time since the card came
//   !! ERROR               or how the reader failed: card_removed, reader_gone,
//                          pcsc_unavailable
//   == OUTCOME             as outcome_text() says it; ends this contact, a `>>`
//                          after it starts the next one of the same phone
//   => ID TIME PAYLOADHEX  what the passes open to with the keys, in order, or
//   => ID ERROR            why not; of Android for each object of the bundle
//   => COLLECTOR KIND OBJECTIDHEX [FORMAT NUMBERHEX] [pin=FORMAT:HEX]
//      [track1=FORMAT:HEX] [track2=FORMAT:HEX] issuer=TYPE:IDHEX     or
//   => COLLECTOR customer IDHEX [language=TEXT] [tap=HEX] issuer=TYPE:IDHEX
//                          (each on one line; `-` for an id that is empty), or
//   => COLLECTOR ERROR     when the bundle does not open
//
// A contact with `ephemeral` can be opened by whoever has the file: the scalar
// is the secret of that session. Record real people's passes for yourself only.

namespace passgate::apdu {

struct AppleProfile {
  std::vector<PassTypeId> merchants;
  std::string url;
  std::optional<std::array<std::uint8_t, 4>> nonce;
  std::optional<std::array<std::uint8_t, 5>> filter;
  std::optional<VasMode> mode;
};
VasRequest vas_request(const AppleProfile& profile);

struct GoogleProfile {
  std::vector<ServiceType> services = {ServiceType::all};
  std::optional<PosCapabilities> pos_capabilities = kPassesOnly;
};

/// What a reader used for one SmartTapAttempt; public once it is in a recording.
struct RecordedAttempt {
  struct Authentication {
    crypto::SmartTapNonce nonce;
    std::array<std::uint8_t, 32> ephemeral;  ///< The private scalar.
    Bytes signature;                         ///< DER, at most 72 bytes.
    bool pre_signed = false;
    friend bool operator==(const Authentication&, const Authentication&) = default;
  };
  CollectorId collector;
  std::uint32_t key_version = 0;
  crypto::SmartTapSessionId session;
  std::optional<Authentication> authentication;
  friend bool operator==(const RecordedAttempt&, const RecordedAttempt&) = default;
};

struct RecordedExchange {
  ScriptedExchange exchange;
  std::optional<Milliseconds> at;  ///< Since the card came.
};

/// One time in the field.
struct Contact {
  std::vector<RecordedAttempt> attempts;  ///< At least one when the recording asks Google.
  std::vector<RecordedExchange> exchanges;
  std::string outcome;                ///< Empty: nothing expected.
  std::vector<std::string> openings;  ///< As opening_text() and object_texts() say them.

  std::vector<ScriptedExchange> script() const;
};

struct Recording {
  std::optional<AppleProfile> apple;  ///< At least one of the two.
  std::optional<GoogleProfile> google;
  std::vector<SecretBytes> keys;
  std::vector<Contact> contacts;
};

/// What the reader asked in this contact.
/// Errors: bad_key (an ephemeral that is no P-256 scalar).
Result<WalletRequest> wallet_request(const Recording& recording, const Contact& contact);

/// What is wrong with a recording, for a person.
struct RecordingError {
  int line;  ///< From 1; 0 when it is the whole.
  std::string message;
};

/// Reads a recording: at most 1 MiB, 1024 exchanges, 64 keys, 16 attempts a contact.
std::expected<Recording, RecordingError> parse_recording(std::string_view text);

/// The recording in the same format, with `comment` as its first lines.
std::string to_text(const Recording& recording, std::string_view comment);

/// The `=>` line of one pass, without its arrow. Shows pass content.
std::string opening_text(const PassTypeId& id, const Result<crypto::OpenedVas>& opened);

/// What an outcome holds of an Android phone: passes, or a customer beside none.
/// Null: nothing. Borrowed from `outcome`.
const SealedBundle* sealed_bundle(const Outcome& outcome) noexcept;

/// The `=>` lines of one bundle, without their arrows. Shows pass content.
std::vector<std::string> object_texts(CollectorId collector,
                                      const Result<std::vector<SmartTapObject>>& opened);

}  // namespace passgate::apdu
