// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/result.h"

namespace passgate::apdu {

/// Type name format of a record (NFC Forum NDEF 1.0 §3.2.6), as Smart Tap uses it.
enum class Tnf : std::uint8_t { well_known = 1, external = 4 };

/// One record; everything is borrowed.
struct NdefRecord {
  std::uint8_t tnf = 0;
  ByteView type;
  ByteView id;
  ByteView payload;

  /// Whether this is Smart Tap's record `name`: an external record by its type,
  /// a well-known one (text, URI) by its id. Old handsets put the name into the
  /// other field, so either place counts.
  bool is(std::string_view name) const noexcept;
};

/// The records of one NDEF message, in wire order. Parsed whole before anything
/// is looked up, so a lie about a length is found wherever it stands. Borrows
/// what it was parsed from.
class NdefMessage {
 public:
  /// Deeper or longer messages are hostile: Smart Tap's have 4 levels, and as
  /// many records as a phone shows passes.
  static constexpr unsigned kMaxDepth = 6;
  static constexpr std::size_t kMaxRecords = 64;

  /// Errors: too_short (no record, or the last one has no end mark), bad_length
  /// (a length that lies), bad_value (a chunked record, no begin mark on the
  /// first or a second one, bytes after the end mark), too_large.
  static Result<NdefMessage> parse(ByteView bytes);

  std::span<const NdefRecord> records() const noexcept { return records_; }
  /// The first record of this name.
  const NdefRecord* find(std::string_view name) const noexcept;

  /// The message that a record's payload is, after `skip` bytes of it.
  /// Errors: those of parse; too_large below kMaxDepth levels.
  Result<NdefMessage> inside(const NdefRecord& record, std::size_t skip = 0) const;

 private:
  static Result<NdefMessage> parse(ByteView bytes, unsigned depth);

  std::vector<NdefRecord> records_;
  unsigned depth_ = 1;
};

/// Writes one NDEF message, record by record; marks begin and end.
class NdefWriter {
 public:
  /// An external record of this type without id.
  NdefWriter& add(std::string_view type, ByteView payload);
  /// @param type, id  At most 255 bytes. @param payload  Short form below 256.
  NdefWriter& add(Tnf tnf, std::string_view type, std::string_view id, ByteView payload);

  /// The message so far; empty when nothing was added.
  const Bytes& bytes() const noexcept { return bytes_; }

 private:
  Bytes bytes_;
  std::size_t last_ = 0;  ///< Where the last record's header byte stands.
};

}  // namespace passgate::apdu
