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
#include "core/ids.h"
#include "core/secret.h"
#include "crypto/vas_key_ring.h"

// Recorded taps, `.apdu`: one text format for fixtures, fuzz seeds, bench
// inputs and bug reports. Line by line:
//
//   # comment; also empty lines
//   profile apple merchants=ID[,ID…] [url=URL] [nonce=HEX8] [filter=HEX10]
//           [mode=vas_or_payment|vas_and_payment|vas_only]     (on one line)
//   key hex:SCALAR         a published demo key, 32 bytes; never one that protects
//   >> HEX                 a command; spaces between bytes as you like
//   << HEX [@38ms]         its answer with status word; time since the card came
//   !! ERROR               or how the reader failed: card_removed, reader_gone,
//                          pcsc_unavailable
//   == OUTCOME             as outcome_text() says it; ends this contact, a `>>`
//                          after it starts the next one of the same phone
//   => ID TIME PAYLOADHEX  what the passes open to with the keys, in order, or
//   => ID ERROR            why not

namespace passgate::apdu {

struct AppleProfile {
  std::vector<PassTypeId> merchants;
  std::string url;
  std::optional<std::array<std::uint8_t, 4>> nonce;
  std::optional<std::array<std::uint8_t, 5>> filter;
  std::optional<VasMode> mode;
};
VasRequest vas_request(const AppleProfile& profile);

struct RecordedExchange {
  ScriptedExchange exchange;
  std::optional<Milliseconds> at;  ///< Since the card came.
};

/// One time in the field.
struct Contact {
  std::vector<RecordedExchange> exchanges;
  std::string outcome;                ///< Empty: nothing expected.
  std::vector<std::string> openings;  ///< As opening_text() says them.

  std::vector<ScriptedExchange> script() const;
};

struct Recording {
  AppleProfile profile;
  std::vector<SecretBytes> keys;
  std::vector<Contact> contacts;
};

/// What is wrong with a recording, for a person.
struct RecordingError {
  int line;  ///< From 1; 0 when it is the whole.
  std::string message;
};

/// Reads a recording: at most 1 MiB, 1024 exchanges, 64 keys.
std::expected<Recording, RecordingError> parse_recording(std::string_view text);

/// The recording in the same format, with `comment` as its first lines.
std::string to_text(const Recording& recording, std::string_view comment);

/// The `=>` line of one pass, without its arrow. Shows pass content.
std::string opening_text(const PassTypeId& id, const Result<crypto::OpenedVas>& opened);

}  // namespace passgate::apdu
