// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/virtual_android.h"

#include <algorithm>
#include <array>
#include <utility>

#include "apdu/ndef.h"
#include "apdu/tlv.h"
#include "core/require.h"
#include "crypto/digest.h"
#include "sim/tap/answer.h"
#include "sim/tap/wire.h"

namespace passgate::sim {
namespace {

using apdu::CommandApdu;
using apdu::kWholeAnswer;
using apdu::NdefWriter;
using apdu::StatusWord;

constexpr std::array<std::uint8_t, 9> kSmartTap2 = {0xA0, 0x00, 0x00, 0x04, 0x76,
                                                    0xD0, 0x00, 0x01, 0x11};
constexpr std::size_t kMostSessions = 16;  // between two SELECTs

constexpr std::uint8_t kNegotiate = 0x53;
constexpr std::uint8_t kGetData = 0x50;
constexpr std::uint8_t kGetMore = 0xC0;

// Status words (google-smart-tap.md section 9).
constexpr StatusWord kNoPass{0x9001};
constexpr StatusWord kPreSignedAccepted{0x9002};
constexpr StatusWord kMoreData{0x9100};
constexpr StatusWord kCryptoFailure{0x9201};
constexpr StatusWord kExecutionFailure{0x9203};
constexpr StatusWord kPhoneLocked{0x9300};
constexpr StatusWord kPassChoice{0x9302};
constexpr StatusWord kBadCryptoInput{0x9403};
constexpr StatusWord kNothingToContinue{0x9404};
constexpr StatusWord kNoMoreData{0x9405};
constexpr StatusWord kTooManyRequests{0x9406};
constexpr StatusWord kNotAuthenticated{0x9500};

// Status of a session record.
constexpr std::uint8_t kSessionOk = 0x01;
constexpr std::uint8_t kWrongSequence = 0x04;
// Authentication byte of `cpr`.
constexpr std::uint8_t kPreSigned = 0x00;
constexpr std::uint8_t kLive = 0x01;
// Flags of a record bundle.
constexpr std::uint8_t kEncrypted = 0x01;
constexpr std::uint8_t kCompressed = 0x02;

/// The message of one record `name`: the session's, one step on, and perhaps a value.
Bytes reply_message(std::string_view name, const SessionStep& step, std::uint8_t status,
                    std::string_view value_name = {}, ByteView value = {}) {
  Bytes ses(step.id.begin(), step.id.end());
  ses.push_back(static_cast<std::uint8_t>(step.sequence + 1));
  ses.push_back(status);
  NdefWriter inside;
  inside.add("ses", ses);
  if (!value_name.empty()) inside.add(value_name, value);
  return NdefWriter().add(name, inside.bytes()).bytes();
}

}  // namespace

VirtualAndroid::VirtualAndroid(std::vector<KnownCollector> collectors,
                               std::vector<GoogleObject> objects, AndroidOptions options)
    : collectors_(std::move(collectors)), objects_(std::move(objects)), options_(options) {
  PG_REQUIRE(options_.frame >= 1 && options_.frame <= kWholeAnswer);
}

std::optional<Bytes> VirtualAndroid::answer(ByteView wire) {
  const auto command = CommandApdu::parse(wire);
  if (!command) return only(kWrongLength);
  if (command->cla() == 0x00 && command->ins() == 0xA4) return select(*command);
  if (command->cla() != 0x90) return only(kUnknownClass);
  if (!smart_tap_answers()) return only(kUnknownIns);
  const bool known = command->ins() == kNegotiate || command->ins() == kGetData;
  if (!known && command->ins() != kGetMore) return only(kUnknownIns);
  if (command->p1() != 0x00 || command->p2() != 0x00) return only(kWrongP1P2);
  if (command->le() != kWholeAnswer) return only(kWrongLength);
  if (command->ins() == kGetMore) return get_more(*command);
  field_.selection.reply.reset();  // A new request: what was left of the last answer is gone.
  return command->ins() == kNegotiate ? negotiate(*command) : get_data(*command);
}

Bytes VirtualAndroid::select(const CommandApdu& command) {
  field_.selection = {};
  if (command.p1() != 0x04 || command.p2() != 0x00) return only(kWrongP1P2);
  const bool ose = text_of(command.data()) == kOse;
  if (!ose && !std::ranges::equal(command.data(), kSmartTap2)) return only(kNoSuchApplet);
  field_.selection.applet = ose ? Applet::ose : Applet::smart_tap;
  crypto::random_fill(field_.selection.nonce);
  return with_status(ose ? directory() : applet_answer(), apdu::kSuccess);
}

/// OSE.VAS.01: an older handset leaves out the nonce and the key, and with them
/// the permission to skip SELECT SMART TAP 2.
Bytes VirtualAndroid::directory() const {
  constexpr std::array<std::uint8_t, 2> kVersion = {0x00, 0x01};
  constexpr std::array<std::uint8_t, 8> kTransaction = {0xCC, 0x00, 0x00, 0x00,
                                                        0x00, 0x00, 0x80, 0x80};
  constexpr std::array<std::uint8_t, 2> kFirst = {0x00, 0x00};
  constexpr std::array<std::uint8_t, 2> kLast = {0x00, 0x01};
  const std::array<std::uint8_t, 1> priority = {0x01};
  // Smart Tap supported; SELECT SMART TAP 2 may be skipped.
  const std::array<std::uint8_t, 1> capabilities = {options_.older ? std::uint8_t{0x02}
                                                                   : std::uint8_t{0x03}};
  Bytes discretionary;
  apdu::append_tlv(discretionary, 0xDF6D, kFirst);
  apdu::append_tlv(discretionary, 0xDF4D, kLast);
  apdu::append_tlv(discretionary, 0xDF62, capabilities);
  Bytes entry;
  apdu::append_tlv(entry, 0x4F, kSmartTap2);
  apdu::append_tlv(entry, 0x87, priority);
  apdu::append_tlv(entry, 0x73, discretionary);
  Bytes entries;
  apdu::append_tlv(entries, 0x61, entry);
  Bytes proprietary;
  apdu::append_tlv(proprietary, 0xBF0C, entries);
  Bytes inside;
  apdu::append_tlv(inside, 0x50, bytes_of("AndroidPay"));
  apdu::append_tlv(inside, 0xC0, kVersion);
  if (!options_.older) {
    apdu::append_tlv(inside, 0xC1, kTransaction);
    apdu::append_tlv(inside, 0xC2, field_.selection.nonce);
    apdu::append_tlv(inside, 0xC3, field_.key.public_key());
  }
  apdu::append_tlv(inside, 0xA5, proprietary);
  Bytes fci;
  apdu::append_tlv(fci, 0x6F, inside);
  return fci;
}

/// SMART TAP 2: versions 0 to 1, then the nonce.
Bytes VirtualAndroid::applet_answer() const {
  Bytes nonce = {kBinary};
  append(nonce, field_.selection.nonce);
  Bytes data = {0x00, 0x00, 0x00, 0x01};
  append(data, NdefWriter().add(apdu::Tnf::external, "mdn", "mdn", nonce).bytes());
  return data;
}

bool VirtualAndroid::smart_tap_answers() const noexcept {
  const Applet applet = field_.selection.applet;
  return applet == Applet::smart_tap || (applet == Applet::ose && !options_.older);
}

std::optional<Bytes> VirtualAndroid::refuse(CollectorId collector) {
  if (!field_.collector) field_.collector = collector;
  if (*field_.collector == collector || options_.several_collectors) return std::nullopt;
  return only(kTooManyRequests);
}

std::optional<Bytes> VirtualAndroid::refuse(const SessionStep& step, std::string_view reply) {
  auto& sessions = field_.selection.sessions;
  const auto known = sessions.find(step.id);
  if (known == sessions.end()) {
    if (sessions.size() == kMostSessions) return only(kTooManyRequests);
    sessions.emplace(step.id, Session{.last = step.sequence});
    return std::nullopt;
  }
  if (step.sequence <= known->second.last) {
    return with_status(reply_message(reply, step, kWrongSequence), apdu::kSuccess);
  }
  known->second.last = step.sequence;
  return std::nullopt;
}

Bytes VirtualAndroid::negotiate(const CommandApdu& command) {
  const auto asked = read_negotiation(command.data());
  if (!asked) return only(asked.error());
  if (auto refusal = refuse(asked->collector)) return *std::move(refusal);
  if (auto refusal = refuse(asked->session, "nrs")) return *std::move(refusal);
  if (options_.transient && !std::exchange(field_.stumbled_at_negotiate, true)) {
    return only(kCryptoFailure);
  }
  return authenticate(*asked);
}

Bytes VirtualAndroid::authenticate(const Negotiation& asked) {
  field_.selection.secured.reset();
  const auto collector = std::ranges::find_if(collectors_, [&](const KnownCollector& each) {
    return each.id == asked.collector && each.key_version == asked.key_version;
  });
  const crypto::SmartTapTranscript transcript{.terminal_nonce = asked.terminal_nonce,
                                              .handset_nonce = field_.selection.nonce,
                                              .collector = asked.collector,
                                              .terminal_key = asked.terminal_key};
  const bool pre_signed = asked.authentication == kPreSigned;
  if ((!pre_signed && asked.authentication != kLive) || collector == collectors_.end() ||
      !collector->key.verify(transcript, pre_signed, asked.signature)) {
    return only(kNotAuthenticated);
  }
  auto keys = field_.key.agree(transcript, asked.signature);
  if (!keys) return only(kBadCryptoInput);
  field_.selection.secured.emplace(asked.session.id, asked.collector, std::move(*keys));
  return with_status(
      reply_message("nrs", asked.session, kSessionOk, "dpk", field_.key.public_key()),
      pre_signed ? kPreSignedAccepted : apdu::kSuccess);
}

Bytes VirtualAndroid::get_data(const CommandApdu& command) {
  const auto asked = read_data_question(command.data());
  if (!asked) return only(asked.error());
  if (auto refusal = refuse(asked->collector)) return *std::move(refusal);
  if (auto refusal = refuse(asked->session, "srs")) return *std::move(refusal);
  if (options_.transient && !std::exchange(field_.stumbled_at_data, true)) {
    return only(kExecutionFailure);
  }
  const auto& secured = field_.selection.secured;
  const bool same_session =
      secured && secured->id == asked->session.id && secured->collector == asked->collector;
  const bool needs_none = options_.clear && !secured;
  if (!same_session && !needs_none) return only(kNotAuthenticated);
  return give(*asked, field_.selection.sessions.at(asked->session.id));
}

Bytes VirtualAndroid::give(const DataQuestion& asked, Session& session) {
  if (session.answered) return only(kTooManyRequests);
  const auto objects = wanted(asked);
  if (!objects.empty() && options_.state == PhoneState::locked) return only(kPhoneLocked);
  if (!objects.empty() && options_.state == PhoneState::choose) return only(kPassChoice);
  session.answered = true;
  NdefWriter content;
  for (const auto* object : objects) content.add("asv", object_record(*object));
  if (std::ranges::any_of(asked.services, [](std::uint8_t service) {
        return asks_for(service, apdu::ObjectKind::customer);
      })) {
    content.add("asv", customer_record(asked.collector));
  }
  Reply reply{.last = objects.empty() ? kNoPass : apdu::kSuccess};
  if (!content.bytes().empty()) {
    reply.data = reply_message("srs", asked.session, kSessionOk, "reb",
                               bundle(content.bytes(), asked.inflates));
  }
  field_.selection.reply = std::move(reply);
  return next_frame();
}

std::vector<const GoogleObject*> VirtualAndroid::wanted(const DataQuestion& asked) const {
  std::vector<const GoogleObject*> found;
  for (const GoogleObject& object : objects_) {
    const bool of_this_kind = std::ranges::any_of(
        asked.services, [&](std::uint8_t service) { return asks_for(service, object.kind); });
    if (asked.takes_passes && object.collector == asked.collector && of_this_kind) {
      found.push_back(&object);
    }
  }
  return found;
}

/// Compressed if at all, then encrypted if the session is.
Bytes VirtualAndroid::bundle(ByteView content, bool compress) const {
  const auto& secured = field_.selection.secured;
  Bytes body = compress ? deflate(content) : Bytes(content.begin(), content.end());
  if (secured) {
    body = crypto::seal_bundle(secured->keys, body);
    if (options_.tamper) body.back() ^= 0x01;
  }
  Bytes all = {
      static_cast<std::uint8_t>((secured ? kEncrypted : 0) | (compress ? kCompressed : 0))};
  append(all, body);
  return all;
}

Bytes VirtualAndroid::get_more(const CommandApdu& command) {
  if (!command.data().empty()) return only(kDoesNotParse);
  const auto& reply = field_.selection.reply;
  if (!reply) return only(kNothingToContinue);
  if (reply->sent == reply->data.size()) return only(kNoMoreData);
  return next_frame();
}

Bytes VirtualAndroid::next_frame() {
  auto& reply = *field_.selection.reply;
  const auto rest = ByteView(reply.data).subspan(reply.sent);
  const auto frame = rest.first(std::min(rest.size(), options_.frame));
  reply.sent += frame.size();
  const bool last = reply.sent == reply.data.size();
  return with_status(Bytes(frame.begin(), frame.end()), last ? reply.last : kMoreData);
}

}  // namespace passgate::sim
