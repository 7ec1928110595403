// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/smart_tap_setup.h"

#include <algorithm>

#include "crypto/digest.h"
#include "tests/fuzz/expect.h"

namespace passgate::fuzz {
namespace {

constexpr std::size_t kAttempts[] = {1, 2, 3, 1, 1, 1, 0, 17};
constexpr std::size_t kServices[] = {1, 2, 16, 0};
constexpr std::uint32_t kCollector = 20180608;

// Of the two headers; a list of their own for bundles, which a session does not open.
constexpr Errc kObjectErrors[] = {Errc::too_short,   Errc::bad_length,     Errc::bad_value,
                                  Errc::too_large,   Errc::missing_record, Errc::unknown_key,
                                  Errc::auth_failed, Errc::bad_compression};

crypto::SmartTapEphemeral new_ephemeral() {
  SecretBytes scalar(32);
  std::ranges::fill(scalar.writable(), std::uint8_t{0x11});
  crypto::SmartTapNonce nonce;
  nonce.fill(0x22);
  auto made = crypto::SmartTapEphemeral::recorded(scalar, nonce, kSession);
  FUZZ_EXPECT(made.has_value());
  return std::move(*made);
}

/// One that was moved from: its public parts stay, its key does not.
crypto::SmartTapEphemeral keyless_ephemeral() {
  static crypto::SmartTapEphemeral moved_from = new_ephemeral();
  return std::move(moved_from);  // NOLINT(bugprone-use-after-move)
}

/// The shape of a DER signature around digests of the message.
Bytes sign(ByteView message) {
  FUZZ_EXPECT(message.size() == 101);
  const auto digest = crypto::sha256(message);
  Bytes der = {0x30, 0x44, 0x02, 0x20};
  append(der, digest);
  append(der, Bytes{0x02, 0x20});
  append(der, digest);
  return der;
}

void check_value(const std::optional<apdu::ObjectValue>& value) {
  if (!value) return;
  using apdu::ValueFormat;
  if (value->format == ValueFormat::utf16) {
    FUZZ_EXPECT(to_valid_utf8(bytes_of(value->text)) == value->text);
  }
  if (value->format == ValueFormat::bcd) {
    FUZZ_EXPECT(std::ranges::all_of(value->text, [](char c) { return c >= '0' && c <= '9'; }));
  }
}

}  // namespace

apdu::SmartTapRequest take_smart_tap_request(Input& input) {
  const unsigned choice = input.byte();
  const unsigned authenticated = input.byte();
  apdu::SmartTapRequest request;
  const bool one_collector = (choice & 0x08) == 0;
  const std::size_t attempts = kAttempts[choice & 0x07];
  request.attempts.reserve(attempts);
  for (std::uint32_t i = 0; i < attempts; ++i) {
    request.attempts.push_back({.collector = CollectorId(kCollector + (one_collector ? 0 : i)),
                                .key_version = i,
                                .ephemeral = keyless_ephemeral(),
                                .pre_signed = (choice & 0x10) != 0});
    if (attempts > 3 || (authenticated >> i & 1) == 0) continue;
    // OpenSSL takes a millisecond to read a key: only now is it needed. The
    // attempt stays where it is when the vector around it is moved.
    request.attempts[i].sign = [own = &request.attempts[i].ephemeral](ByteView message) {
      *own = new_ephemeral();
      return sign(message);
    };
  }
  if ((choice & 0x20) != 0) request.pos_capabilities.reset();
  request.services.assign(kServices[choice >> 6], apdu::ServiceType::loyalty);
  return request;
}

void check_objects(const Result<std::vector<apdu::SmartTapObject>>& objects) {
  if (!objects) {
    const Errc code = objects.error().code();
    FUZZ_EXPECT(std::ranges::find(kObjectErrors, code) != std::end(kObjectErrors));
    return;
  }
  for (const apdu::SmartTapObject& object : *objects) {
    FUZZ_EXPECT(name(object.kind) != "unknown");
    const bool customer = object.kind == apdu::ObjectKind::customer;
    FUZZ_EXPECT(!customer || (!object.service_number && object.object_id.empty()));
    FUZZ_EXPECT(customer || (object.customer_id.empty() && object.language.empty()));
    for (const auto* value :
         {&object.service_number, &object.pin, &object.track1, &object.track2}) {
      check_value(*value);
    }
  }
}

}  // namespace passgate::fuzz
