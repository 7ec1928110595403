// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apdu/session.h"
#include "apdu/smart_tap.h"
#include "core/bytes.h"
#include "core/result.h"

namespace passgate::apdu {

/// What a wallet object is; the comment is its record type.
enum class ObjectKind : std::uint8_t {
  loyalty,          ///< ly
  offer,            ///< of
  gift_card,        ///< gc
  closed_loop,      ///< pl
  event_ticket,     ///< et
  flight,           ///< fl
  transit,          ///< tr
  generic,          ///< gr
  generic_private,  ///< gp
  customer,         ///< cus
};
/// "loyalty", "event_ticket", …; static storage.
std::string_view name(ObjectKind kind) noexcept;
std::optional<ObjectKind> object_kind_from(std::string_view name) noexcept;
/// What a reader asks for to be given such objects.
ServiceType service_of(ObjectKind kind) noexcept;

/// How a value was written: a format byte before it, or an RTD text record.
enum class ValueFormat : std::uint8_t {
  unspecified = 0,
  ascii = 1,
  utf8 = 2,
  utf16 = 3,
  binary = 4,
  bcd = 5,
  rtd_text
};

/// "ascii", "rtd_text", …; static storage.
std::string_view name(ValueFormat format) noexcept;

/// A value of an object: as it came, without its format, and as text.
struct ObjectValue {
  ValueFormat format = ValueFormat::unspecified;
  Bytes raw;
  std::string text;  ///< UTF-16 as UTF-8, BCD as digits; else byte for byte, UTF-8 or not.
};

/// One object of a record bundle. Pass content: never logged, never stored.
struct SmartTapObject {
  ObjectKind kind = ObjectKind::generic;
  std::uint8_t issuer_type = 0;  ///< 1 merchant, 2 wallet, 3 manufacturer.
  Bytes issuer_id;
  Bytes object_id;                            ///< 8 bytes; empty for a customer.
  std::optional<ObjectValue> service_number;  ///< `n`, the pass's redemption value.
  std::optional<ObjectValue> pin;             ///< `p`
  std::optional<ObjectValue> track1;          ///< `tr1`
  std::optional<ObjectValue> track2;          ///< `tr2`
  // Of a customer only.
  Bytes customer_id;  ///< Constant for the collector.
  Bytes tap_id;       ///< New every tap.
  std::string language;
};

/// Decrypts, inflates and reads a bundle.
/// Errors: too_short (no flags, less than 44 encrypted bytes), bad_value
/// (reserved flags), unknown_key (encrypted without an authenticated session),
/// auth_failed, bad_compression, too_large (inflates to more than 256 KiB), and
/// those of read_objects.
Result<std::vector<SmartTapObject>> open_bundle(const SealedBundle& sealed);

/// The objects of a bundle's plain content, in wire order; objects of a kind not
/// listed above are left out.
/// Errors: those of NdefMessage::parse; missing_record (an `asv` without `i`).
Result<std::vector<SmartTapObject>> read_objects(ByteView content);

}  // namespace passgate::apdu
