// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/smart_tap_question.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "apdu/ndef.h"
#include "sim/tap/wire.h"

namespace passgate::sim {
namespace {

using apdu::NdefMessage;
using apdu::NdefRecord;
using apdu::StatusWord;
using apdu::Tnf;

constexpr StatusWord kNoMerchant{0x9407};
constexpr StatusWord kOtherVersion{0x9502};

constexpr std::uint16_t kVersion = 0x0001;
constexpr std::uint8_t kStatusOk = 0x01;

// cpr: nonce[32], authentication[1], key[33], key version[4], then records.
constexpr std::size_t kNonce = 32;
constexpr std::size_t kPoint = 33;
constexpr std::size_t kFixedPart = kNonce + 1 + kPoint + 4;
// DER of ECDSA with P-256: two integers of 1 to 33 bytes.
constexpr std::size_t kShortestSignature = 8;
constexpr std::size_t kLongestSignature = 72;

// pcr
constexpr std::size_t kPosCapabilities = 5;
constexpr std::uint8_t kReserved = 0x80;         // byte 1
constexpr std::uint8_t kInflates = 0x40;         // byte 1
constexpr std::uint8_t kPaymentOnlyFlag = 0x02;  // byte 5

std::unexpected<StatusWord> refuse(StatusWord sw) {
  return std::unexpected(sw);
}

bool is_external(const NdefRecord& record, std::string_view name) {
  return record.tnf == static_cast<std::uint8_t>(Tnf::external) && text_of(record.type) == name &&
         record.id.empty();
}

/// Whether the message is exactly these records.
bool consists_of(const NdefMessage& message, std::initializer_list<std::string_view> names) {
  return std::ranges::equal(message.records(), names, is_external);
}

/// The message in a request of this name, behind its version.
Asked<NdefMessage> enter(ByteView data, std::string_view name) {
  const auto message = NdefMessage::parse(data);
  if (!message || !consists_of(*message, {name})) return refuse(kDoesNotParse);
  const NdefRecord& request = message->records()[0];
  if (request.payload.size() < 2) return refuse(kDoesNotParse);
  if (be16(request.payload) != kVersion) return refuse(kOtherVersion);
  auto inside = message->inside(request, 2);
  if (!inside) return refuse(kDoesNotParse);
  return *std::move(inside);
}

template <std::size_t N>
std::array<std::uint8_t, N> array_of(ByteView bytes) {
  std::array<std::uint8_t, N> array{};
  std::ranges::copy(bytes.first(N), array.begin());
  return array;
}

std::optional<SessionStep> read_session(const NdefRecord& ses) {
  const ByteView payload = ses.payload;
  if (payload.size() != 10 || payload[9] != kStatusOk) return std::nullopt;
  return SessionStep{.id = array_of<8>(payload), .sequence = payload[8]};
}

std::optional<CollectorId> read_collector(const NdefRecord& cld) {
  if (cld.payload.size() != 5 || cld.payload[0] != kBinary) return std::nullopt;
  return CollectorId(be32(cld.payload.subspan(1)));
}

/// What a `mer` may hold besides its collector: text is a well-known record.
bool is_known_of_merchant(const NdefRecord& record) {
  if (record.tnf == static_cast<std::uint8_t>(Tnf::well_known)) {
    return text_of(record.type) == "T" && text_of(record.id) == "mnr" && !record.payload.empty();
  }
  return !record.payload.empty() &&
         std::ranges::any_of(std::initializer_list<std::string_view>{"cld", "lid", "tid", "mcr"},
                             [&](auto name) { return is_external(record, name); });
}

Asked<CollectorId> read_merchant(const NdefMessage& message, const NdefRecord& mer) {
  const auto inside = message.inside(mer);
  if (!inside || !std::ranges::all_of(inside->records(), is_known_of_merchant)) {
    return refuse(kDoesNotParse);
  }
  const auto is_collector = [](const NdefRecord& each) { return is_external(each, "cld"); };
  const auto collectors = std::ranges::count_if(inside->records(), is_collector);
  if (collectors == 0) return refuse(kNoMerchant);
  const auto collector = read_collector(*std::ranges::find_if(inside->records(), is_collector));
  if (!collector || collectors > 1) return refuse(kDoesNotParse);
  return *collector;
}

std::optional<std::vector<std::uint8_t>> read_services(const NdefMessage& message,
                                                       const NdefRecord& slr) {
  const auto inside = message.inside(slr);
  if (!inside) return std::nullopt;
  std::vector<std::uint8_t> services;
  for (const NdefRecord& each : inside->records()) {
    if (!is_external(each, "str") || each.payload.size() != 1) return std::nullopt;
    services.push_back(each.payload[0]);
  }
  return services;
}

}  // namespace

Asked<Negotiation> read_negotiation(ByteView data) {
  const auto request = enter(data, "ngr");
  if (!request) return refuse(request.error());
  if (!consists_of(*request, {"ses", "cpr"})) return refuse(kDoesNotParse);
  const auto session = read_session(request->records()[0]);
  const NdefRecord& cpr = request->records()[1];
  const auto signed_part = request->inside(cpr, kFixedPart);
  if (!session || !signed_part || !consists_of(*signed_part, {"sig", "cld"})) {
    return refuse(kDoesNotParse);
  }
  const ByteView sig = signed_part->records()[0].payload;
  const auto collector = read_collector(signed_part->records()[1]);
  if (sig.size() < 1 + kShortestSignature || sig.size() > 1 + kLongestSignature ||
      sig[0] != kBinary || !collector) {
    return refuse(kDoesNotParse);
  }
  const ByteView fixed = cpr.payload;
  return Negotiation{.session = *session,
                     .terminal_nonce = array_of<kNonce>(fixed),
                     .authentication = fixed[kNonce],
                     .terminal_key = array_of<kPoint>(fixed.subspan(kNonce + 1)),
                     .key_version = be32(fixed.subspan(kNonce + 1 + kPoint)),
                     .signature = Bytes(sig.begin() + 1, sig.end()),
                     .collector = *collector};
}

Asked<DataQuestion> read_data_question(ByteView data) {
  const auto request = enter(data, "srq");
  if (!request) return refuse(request.error());
  const bool has_capabilities = consists_of(*request, {"ses", "mer", "slr", "pcr"});
  if (!has_capabilities && !consists_of(*request, {"ses", "mer", "slr"})) {
    return refuse(kDoesNotParse);
  }
  const auto session = read_session(request->records()[0]);
  const auto services = read_services(*request, request->records()[2]);
  if (!session || !services) return refuse(kDoesNotParse);
  DataQuestion question{.session = *session, .services = *services};
  if (has_capabilities) {
    const ByteView pcr = request->records()[3].payload;
    if (pcr.size() != kPosCapabilities || (pcr[0] & kReserved) != 0) return refuse(kDoesNotParse);
    question.inflates = (pcr[0] & kInflates) != 0;
    question.takes_passes = pcr[4] != kPaymentOnlyFlag;
  }
  const auto collector = read_merchant(*request, request->records()[1]);
  if (!collector) return refuse(collector.error());
  question.collector = *collector;
  return question;
}

}  // namespace passgate::sim
