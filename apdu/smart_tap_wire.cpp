// SPDX-License-Identifier: Apache-2.0
#include "apdu/smart_tap_wire.h"

#include <algorithm>
#include <array>

namespace passgate::apdu {
namespace {

constexpr std::array<std::uint8_t, 9> kAid = {0xA0, 0x00, 0x00, 0x04, 0x76, 0xD0, 0x00, 0x01, 0x11};

// OSE.VAS.01: nonce beside the label, then the directory down to our entry.
constexpr Tag kNonce = 0xC2;
constexpr Tag kProprietary = 0xA5;
constexpr Tag kIssuerDiscretionary = 0xBF0C;
constexpr Tag kEntry = 0x61;
constexpr Tag kEntryAid = 0x4F;
constexpr Tag kDiscretionary = 0x73;
constexpr Tag kMinimumVersion = 0xDF6D;
constexpr Tag kMaximumVersion = 0xDF4D;
constexpr Tag kCapabilities = 0xDF62;
constexpr Tag kEntryNonce = 0xDF6E;
constexpr std::uint8_t kMaySkipSelect = 0x01;

constexpr std::uint16_t kOurVersion = 1;  // 2.1 of 2.x
constexpr std::uint8_t kVersionBytes[] = {0x00, 0x01};
constexpr std::uint8_t kBinary = 0x04;  // format byte
constexpr std::uint8_t kLive = 0x01;    // authentication byte
constexpr std::size_t kSessionRecord = 10;

Result<crypto::SmartTapNonce> nonce_of(ByteView bytes) {
  crypto::SmartTapNonce nonce;
  if (bytes.size() != nonce.size()) return fail(Errc::bad_length);
  std::ranges::copy(bytes, nonce.begin());
  return nonce;
}

/// Is 2.1 between the two ends, as far as they are there?
Status check_versions(std::optional<ByteView> minimum, std::optional<ByteView> maximum) {
  for (const auto& end : {minimum, maximum}) {
    if (end && end->size() != 2) return fail(Errc::bad_length);
  }
  if (minimum && be16(*minimum) > kOurVersion) return fail(Errc::bad_version, be16(*minimum));
  if (maximum && be16(*maximum) < kOurVersion) return fail(Errc::bad_version, be16(*maximum));
  return {};
}

/// Template 73 of the directory entry for Smart Tap 2; empty when there is none.
Result<TlvList> discretionary_of_our_entry(const TlvList& fci) {
  const auto proprietary = fci.inside(kProprietary);
  if (!proprietary) return std::unexpected(proprietary.error());
  const auto directory = proprietary->inside(kIssuerDiscretionary);
  if (!directory) return std::unexpected(directory.error());
  for (const TlvElement& entry : directory->elements()) {
    if (entry.tag != kEntry) continue;
    const auto inside = directory->inside(entry);
    if (!inside) return std::unexpected(inside.error());
    const auto aid = inside->find(kEntryAid);
    if (aid && std::ranges::equal(*aid, kAid)) return inside->inside(kDiscretionary);
  }
  return TlvList{};
}

Bytes session_record(const SmartTapPosition& at) {
  Bytes record(at.session.begin(), at.session.end());
  record.push_back(at.sequence);
  record.push_back(kStatusOk);
  return record;
}

Bytes binary(ByteView value) {
  Bytes bytes = {kBinary};
  append(bytes, value);
  return bytes;
}

Bytes collector_record(CollectorId collector) {
  Bytes id;
  append_be32(id, collector.value());
  return binary(id);
}

/// A request record: version, then a message.
CommandApdu request(std::uint8_t ins, std::string_view name, const NdefWriter& inside) {
  Bytes payload(std::begin(kVersionBytes), std::end(kVersionBytes));
  append(payload, inside.bytes());
  return CommandApdu::case4(0x90, ins, 0x00, 0x00, NdefWriter().add(name, payload).bytes(),
                            kWholeAnswer);
}

}  // namespace

Result<SmartTapOffer> read_offer(const TlvList& fci) {
  const auto ours = discretionary_of_our_entry(fci);
  if (!ours) return std::unexpected(ours.error());
  const Status versions = check_versions(ours->find(kMinimumVersion), ours->find(kMaximumVersion));
  if (!versions) return std::unexpected(versions.error());

  SmartTapOffer offer;
  auto nonce = ours->find(kEntryNonce);
  if (!nonce) nonce = fci.find(kNonce);
  if (nonce) {
    const auto read = nonce_of(*nonce);
    if (!read) return std::unexpected(read.error());
    offer.handset_nonce = *read;
  }
  const ByteView capabilities = ours->find(kCapabilities).value_or(ByteView{});
  offer.may_skip_select = !capabilities.empty() && (capabilities[0] & kMaySkipSelect) != 0;
  return offer;
}

CommandApdu select_smart_tap() {
  return CommandApdu::case4(0x00, 0xA4, 0x04, 0x00, kAid, kWholeAnswer);
}

Result<crypto::SmartTapNonce> read_applet(ByteView data) {
  if (data.size() < 4) return fail(Errc::too_short);
  const Status versions = check_versions(data.first(2), data.subspan(2, 2));
  if (!versions) return std::unexpected(versions.error());
  const auto message = NdefMessage::parse(data.subspan(4));
  if (!message) return std::unexpected(message.error());
  const NdefRecord* nonce = message->find("mdn");
  if (nonce == nullptr) return fail(Errc::missing_record);
  if (nonce->payload.empty()) return fail(Errc::bad_length);
  return nonce_of(nonce->payload.subspan(1));
}

CommandApdu negotiate_session(const SmartTapPosition& at,
                              const crypto::SmartTapTranscript& transcript, bool pre_signed,
                              std::uint32_t key_version, ByteView signature) {
  NdefWriter proof;
  proof.add("sig", binary(signature)).add("cld", collector_record(transcript.collector));
  Bytes parameters(transcript.terminal_nonce.begin(), transcript.terminal_nonce.end());
  parameters.push_back(pre_signed ? 0x00 : kLive);
  append(parameters, transcript.terminal_key);
  append_be32(parameters, key_version);
  append(parameters, proof.bytes());
  return request(0x53, "ngr", NdefWriter().add("ses", session_record(at)).add("cpr", parameters));
}

CommandApdu get_data(const SmartTapPosition& at, CollectorId collector,
                     std::span<const ServiceType> services,
                     const std::optional<PosCapabilities>& capabilities) {
  NdefWriter wanted;
  for (const ServiceType service : services) {
    const std::uint8_t type[] = {static_cast<std::uint8_t>(service)};
    wanted.add("str", type);
  }
  NdefWriter inside;
  inside.add("ses", session_record(at))
      .add("mer", NdefWriter().add("cld", collector_record(collector)).bytes())
      .add("slr", wanted.bytes());
  if (capabilities) inside.add("pcr", *capabilities);
  return request(0x50, "srq", inside);
}

CommandApdu get_more() {
  return CommandApdu::case2(0x90, 0xC0, 0x00, 0x00, kWholeAnswer);
}

Result<SmartTapAnswer> read_answer(ByteView data, std::string_view name, std::string_view value,
                                   const crypto::SmartTapSessionId& session) {
  const auto message = NdefMessage::parse(data);
  if (!message) return std::unexpected(message.error());
  const NdefRecord* answer = message->find(name);
  if (answer == nullptr) return fail(Errc::missing_record);
  const auto inside = message->inside(*answer);
  if (!inside) return std::unexpected(inside.error());
  const NdefRecord* position = inside->find("ses");
  if (position == nullptr) return fail(Errc::missing_record);
  const ByteView bytes = position->payload;
  if (bytes.size() != kSessionRecord) return fail(Errc::bad_length);
  if (!std::ranges::equal(bytes.first(session.size()), session)) {
    return fail(Errc::wrong_session, kStatusOk);
  }
  SmartTapAnswer read{.sequence = bytes[8], .status = bytes[9]};
  if (read.status != kStatusOk) return read;
  const NdefRecord* wanted = inside->find(value);
  if (wanted == nullptr) return fail(Errc::missing_record);
  read.value = wanted->payload;
  return read;
}

}  // namespace passgate::apdu
