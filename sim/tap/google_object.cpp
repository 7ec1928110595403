// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/google_object.h"

#include <zlib.h>

#include <algorithm>
#include <string_view>

#include "apdu/ndef.h"
#include "core/require.h"
#include "crypto/digest.h"
#include "sim/tap/wire.h"

namespace passgate::sim {
namespace {

using apdu::NdefWriter;
using apdu::ObjectKind;
using apdu::ServiceType;
using apdu::Tnf;

// Format byte of a primitive value.
// Payload of the issuer record: binary, then who, then which one.
constexpr std::uint8_t kMerchant[] = {kBinary, 0x01, 0x00, 0x00, 0x00, 0x00};
constexpr std::uint8_t kWallet[] = {kBinary, 0x02, 0x71, 0x79, 0x79, 0x71};

constexpr std::uint8_t kAllButPayment = 0x01;
constexpr std::size_t kCustomerId = 16;

struct Naming {
  ObjectKind kind;
  std::string_view record;
  ServiceType service;
};
// The phone's own table: a wrong row in the terminal's has to show.
constexpr Naming kNamings[] = {
    {ObjectKind::loyalty, "ly", ServiceType::loyalty},
    {ObjectKind::offer, "of", ServiceType::offer},
    {ObjectKind::gift_card, "gc", ServiceType::gift_card},
    {ObjectKind::closed_loop, "pl", ServiceType::closed_loop},
    {ObjectKind::event_ticket, "et", ServiceType::event_ticket},
    {ObjectKind::flight, "fl", ServiceType::flight},
    {ObjectKind::transit, "tr", ServiceType::transit},
    {ObjectKind::generic, "gr", ServiceType::generic},
    {ObjectKind::generic_private, "gp", ServiceType::generic_private},
    {ObjectKind::customer, "cus", ServiceType::customer},
};

const Naming& naming(ObjectKind kind) noexcept {
  return *std::ranges::find(kNamings, kind, &Naming::kind);
}

Bytes binary(ByteView value) {
  Bytes payload = {kBinary};
  append(payload, value);
  return payload;
}

/// Payload of an RTD text record: status byte (UTF-8, length of the language
/// code), here without language, and the text.
Bytes text(std::string_view value) {
  Bytes payload = {0x00};
  append(payload, bytes_of(value));
  return payload;
}

}  // namespace

bool asks_for(std::uint8_t service, ObjectKind kind) noexcept {
  if (service == static_cast<std::uint8_t>(ServiceType::all)) return true;
  if (service == kAllButPayment) return kind != ObjectKind::customer;
  return service == static_cast<std::uint8_t>(naming(kind).service);
}

Bytes object_record(const GoogleObject& object) {
  NdefWriter values;
  values.add("oid", binary(object.id));
  values.add(Tnf::well_known, "T", "n", text(object.service_number));
  if (!object.pin.empty()) values.add(Tnf::well_known, "T", "p", text(object.pin));
  NdefWriter value;
  value.add("i", kMerchant).add(naming(object.kind).record, values.bytes());
  return value.bytes();
}

Bytes customer_record(CollectorId collector) {
  Bytes seed(bytes_of("customer").begin(), bytes_of("customer").end());
  append_be32(seed, collector.value());
  const auto id = crypto::sha256(seed);
  std::array<std::uint8_t, kCustomerId> tap{};
  crypto::random_fill(tap);
  NdefWriter values;
  values.add("cid", binary(ByteView(id).first(kCustomerId)));
  values.add(Tnf::well_known, "T", "cpl", text("en"));
  values.add("cut", binary(tap));
  NdefWriter value;
  value.add("i", kWallet).add("cus", values.bytes());
  return value.bytes();
}

Bytes deflate(ByteView content) {
  auto size = compressBound(content.size());
  Bytes stream(size);
  PG_REQUIRE(compress2(stream.data(), &size, content.data(), content.size(), Z_BEST_COMPRESSION) ==
             Z_OK);
  stream.resize(size);
  return stream;
}

}  // namespace passgate::sim
