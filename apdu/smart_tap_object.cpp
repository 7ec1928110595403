// SPDX-License-Identifier: Apache-2.0
#include "apdu/smart_tap_object.h"

#include <algorithm>
#include <utility>

#include "apdu/inflate.h"
#include "apdu/ndef.h"

namespace passgate::apdu {
namespace {

constexpr std::uint8_t kEncrypted = 0x01;
constexpr std::uint8_t kCompressed = 0x02;
constexpr std::size_t kMostInflated = std::size_t{256} * 1024;

struct Kind {
  std::string_view record;
  std::string_view name;
  ObjectKind kind;
  ServiceType service;
};
constexpr Kind kKinds[] = {
    {"ly", "loyalty", ObjectKind::loyalty, ServiceType::loyalty},
    {"of", "offer", ObjectKind::offer, ServiceType::offer},
    {"gc", "gift_card", ObjectKind::gift_card, ServiceType::gift_card},
    {"pl", "closed_loop", ObjectKind::closed_loop, ServiceType::closed_loop},
    {"et", "event_ticket", ObjectKind::event_ticket, ServiceType::event_ticket},
    {"fl", "flight", ObjectKind::flight, ServiceType::flight},
    {"tr", "transit", ObjectKind::transit, ServiceType::transit},
    {"gr", "generic", ObjectKind::generic, ServiceType::generic},
    {"gp", "generic_private", ObjectKind::generic_private, ServiceType::generic_private},
    {"cus", "customer", ObjectKind::customer, ServiceType::customer},
};

void append_utf8(std::string& text, std::uint32_t point) {
  const auto put = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
    return;
  }
  const unsigned tails = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  constexpr std::uint32_t kLead[] = {0, 0xC0, 0xE0, 0xF0};
  put(kLead[tails] | point >> 6 * tails);
  for (unsigned left = tails; left-- > 0;) put(0x80 | (point >> 6 * left & 0x3F));
}

/// UTF-16 in network order as UTF-8; what is no UTF-16 becomes U+FFFD.
std::string utf8_of_utf16(ByteView units) {
  constexpr std::uint32_t kReplacement = 0xFFFD;
  std::string text;
  while (units.size() >= 2) {
    const std::uint32_t unit = be16(units);
    units = units.subspan(2);
    const bool leads = unit >= 0xD800 && unit < 0xDC00;
    const std::uint32_t next = leads && units.size() >= 2 ? be16(units) : 0U;
    if (next >= 0xDC00 && next < 0xE000) {
      units = units.subspan(2);
      append_utf8(text, 0x10000 + ((unit - 0xD800) << 10) + (next - 0xDC00));
    } else {
      append_utf8(text, unit >= 0xD800 && unit < 0xE000 ? kReplacement : unit);
    }
  }
  if (!units.empty()) append_utf8(text, kReplacement);
  return text;
}

/// Packed digits; a nibble above 9 fills up an odd number and is no digit.
std::string digits_of_bcd(ByteView bytes) {
  std::string text;
  for (const auto byte : bytes) {
    for (const int nibble : {byte >> 4, byte & 0x0F}) {
      if (nibble <= 9) text += static_cast<char>('0' + nibble);
    }
  }
  return text;
}

std::string text_of_format(ValueFormat format, ByteView raw) {
  switch (format) {
    case ValueFormat::utf16: return utf8_of_utf16(raw);
    case ValueFormat::bcd: return digits_of_bcd(raw);
    default: return std::string(text_of(raw));
  }
}

/// RTD text (NFC Forum, Text Record Type): a status byte - bit 7 UTF-16, bits
/// 5..0 the length of a language code - the code, the text.
Result<ObjectValue> read_rtd_text(ByteView payload) {
  const std::uint8_t status = payload[0];
  const std::size_t language = status & 0x3FU;
  if (payload.size() < 1 + language) return fail(Errc::bad_length);
  const ByteView raw = payload.subspan(1 + language);
  const bool utf16 = (status & 0x80) != 0;
  return ObjectValue{.format = ValueFormat::rtd_text,
                     .raw = Bytes(raw.begin(), raw.end()),
                     .text = text_of_format(utf16 ? ValueFormat::utf16 : ValueFormat::utf8, raw)};
}

/// A value record: RTD text when it is a well-known record, else a format byte
/// and the value.
Result<ObjectValue> read_value(const NdefRecord& record) {
  if (record.payload.empty()) return fail(Errc::too_short);
  if (record.tnf == static_cast<std::uint8_t>(Tnf::well_known)) {
    return read_rtd_text(record.payload);
  }
  const std::uint8_t said = record.payload[0];
  const auto format = said <= static_cast<std::uint8_t>(ValueFormat::bcd)
                          ? static_cast<ValueFormat>(said)
                          : ValueFormat::unspecified;
  const ByteView raw = record.payload.subspan(1);
  return ObjectValue{
      .format = format, .raw = Bytes(raw.begin(), raw.end()), .text = text_of_format(format, raw)};
}

/// The value of the record `name`, when it is there.
Result<std::optional<ObjectValue>> value_in(const NdefMessage& object, std::string_view name) {
  const NdefRecord* record = object.find(name);
  if (record == nullptr) return std::nullopt;
  auto value = read_value(*record);
  if (!value) return std::unexpected(value.error());
  return std::move(*value);
}

/// The bytes behind the format byte of the record `name`; none when it is absent.
Bytes bytes_in(const NdefMessage& object, std::string_view name) {
  const NdefRecord* record = object.find(name);
  if (record == nullptr || record->payload.empty()) return {};
  return {record->payload.begin() + 1, record->payload.end()};
}

Status read_pass(const NdefMessage& inside, SmartTapObject& object) {
  object.object_id = bytes_in(inside, "oid");
  for (const auto& [name, place] : {std::pair{"n", &object.service_number},
                                    {"p", &object.pin},
                                    {"tr1", &object.track1},
                                    {"tr2", &object.track2}}) {
    auto value = value_in(inside, name);
    if (!value) return std::unexpected(value.error());
    *place = std::move(*value);
  }
  return {};
}

Status read_customer(const NdefMessage& inside, SmartTapObject& object) {
  object.customer_id = bytes_in(inside, "cid");
  object.tap_id = bytes_in(inside, "cut");
  const auto language = value_in(inside, "cpl");
  if (!language) return std::unexpected(language.error());
  if (*language) object.language = (*language)->text;
  return {};
}

/// One `asv`: an issuer and one object. Nothing when we do not know its kind.
Result<std::optional<SmartTapObject>> read_object(const NdefMessage& service) {
  const NdefRecord* issuer = service.find("i");
  if (issuer == nullptr) return fail(Errc::missing_record);
  if (issuer->payload.size() < 2) return fail(Errc::too_short);
  const NdefRecord* record = nullptr;
  const auto* const known = std::ranges::find_if(kKinds, [&](const Kind& kind) {
    record = service.find(kind.record);
    return record != nullptr;
  });
  if (known == std::end(kKinds)) return std::nullopt;
  const auto inside = service.inside(*record);
  if (!inside) return std::unexpected(inside.error());
  const ByteView issuer_id = issuer->payload.subspan(2);  // after format and type
  SmartTapObject object{.kind = known->kind,
                        .issuer_type = issuer->payload[1],
                        .issuer_id = Bytes(issuer_id.begin(), issuer_id.end())};
  const Status read = object.kind == ObjectKind::customer ? read_customer(*inside, object)
                                                          : read_pass(*inside, object);
  if (!read) return std::unexpected(read.error());
  return object;
}

}  // namespace

std::string_view name(ObjectKind kind) noexcept {
  const auto* const known = std::ranges::find(kKinds, kind, &Kind::kind);
  return known == std::end(kKinds) ? "unknown" : known->name;
}

std::string_view name(ValueFormat format) noexcept {
  switch (format) {
    case ValueFormat::unspecified: return "unspecified";
    case ValueFormat::ascii: return "ascii";
    case ValueFormat::utf8: return "utf8";
    case ValueFormat::utf16: return "utf16";
    case ValueFormat::binary: return "binary";
    case ValueFormat::bcd: return "bcd";
    case ValueFormat::rtd_text: return "rtd_text";
  }
  return "unknown";
}

std::optional<ObjectKind> object_kind_from(std::string_view name) noexcept {
  const auto* const known = std::ranges::find(kKinds, name, &Kind::name);
  return known == std::end(kKinds) ? std::nullopt : std::optional(known->kind);
}

ServiceType service_of(ObjectKind kind) noexcept {
  const auto* const known = std::ranges::find(kKinds, kind, &Kind::kind);
  return known == std::end(kKinds) ? ServiceType::all : known->service;
}

Result<std::vector<SmartTapObject>> open_bundle(const SealedBundle& sealed) {
  if (sealed.bundle.empty()) return fail(Errc::too_short);
  const std::uint8_t flags = sealed.bundle[0];
  if ((flags & ~(kEncrypted | kCompressed)) != 0) return fail(Errc::bad_value);
  ByteView content = ByteView(sealed.bundle).subspan(1);
  SecretBytes plain;
  if ((flags & kEncrypted) != 0) {
    if (!sealed.keys) return fail(Errc::unknown_key);
    auto opened = sealed.keys->open(content);
    if (!opened) return std::unexpected(opened.error());
    plain = std::move(*opened);
    content = plain.expose();
  }
  SecretBytes inflated;
  if ((flags & kCompressed) != 0) {
    auto whole = inflate(content, kMostInflated);
    if (!whole) return std::unexpected(whole.error());
    inflated = std::move(*whole);
    content = inflated.expose();
  }
  return read_objects(content);
}

Result<std::vector<SmartTapObject>> read_objects(ByteView content) {
  const auto bundle = NdefMessage::parse(content);
  if (!bundle) return std::unexpected(bundle.error());
  std::vector<SmartTapObject> objects;
  for (const NdefRecord& record : bundle->records()) {
    if (!record.is("asv")) continue;
    const auto service = bundle->inside(record);
    if (!service) return std::unexpected(service.error());
    auto object = read_object(*service);
    if (!object) return std::unexpected(object.error());
    if (*object) objects.push_back(std::move(**object));
  }
  return objects;
}

}  // namespace passgate::apdu
