// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/android_card.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

#include "apdu/ndef.h"
#include "apdu/tlv.h"
#include "crypto/digest.h"
#include "crypto/p256_key.h"
#include "crypto/smart_tap_bundle.h"
#include "tests/fuzz/expect.h"

namespace passgate::fuzz {
namespace {

using apdu::append_tlv;
using apdu::NdefMessage;
using apdu::NdefRecord;
using apdu::NdefWriter;

constexpr std::uint8_t kHandsetNonceByte = 0x33;
constexpr std::size_t kNonce = 32;
constexpr std::size_t kRequestVersion = 2;  // bytes before the message in ngr and srq
constexpr std::uint16_t kStatusWords[] = {0x9000, 0x9000, 0x9001, 0x9002, 0x9100, 0x9101,
                                          0x9102, 0x9200, 0x9300, 0x9302, 0x9400, 0x9406,
                                          0x9500, 0x9502, 0x6A82, 0x6700};

// How a bundle is made: bits of its first byte in the input.
constexpr unsigned kEncrypt = 0x01;
constexpr unsigned kSayCompressed = 0x02;
constexpr unsigned kCompress = 0x04;
constexpr unsigned kBreakMac = 0x08;
constexpr unsigned kReservedFlag = 0x10;
constexpr unsigned kBomb = 0x20;  // content that inflates beyond every bound
constexpr std::size_t kBombSize = std::size_t{300} * 1024;

/// How an answer can be wrong: the low half of a command's byte.
enum How : unsigned {
  raw = 0,
  right = 1,
  odd_status,
  other_session,
  lacks_record,
  odd_value,
  apple
};

EVP_PKEY* handset_key() {
  static const Bytes scalar(32, 0x44);
  static const auto key = crypto::read_private_key(scalar);
  FUZZ_EXPECT(key.has_value());
  return key->get();
}

/// A record the terminal must have written.
const NdefRecord& required(const NdefMessage& message, std::string_view name) {
  const NdefRecord* record = message.find(name);
  FUZZ_EXPECT(record != nullptr);
  return *record;
}

NdefMessage required_inside(const Result<NdefMessage>& inside) {
  FUZZ_EXPECT(inside.has_value());
  return *inside;
}

NdefMessage request_inside(ByteView data, std::string_view name) {
  const auto message = required_inside(NdefMessage::parse(data));
  return required_inside(message.inside(required(message, name), kRequestVersion));
}

/// The session record that answers the request's.
Bytes session_answer(const NdefMessage& request, unsigned how, Input& input) {
  const ByteView asked = required(request, "ses").payload;
  FUZZ_EXPECT(asked.size() == 10 && asked[9] == 1);
  Bytes answer = exact(asked);
  ++answer[8];
  if (how == odd_status) answer[9] = input.byte();
  if (how == other_session) answer[0] ^= 0x01;
  return answer;
}

Bytes deflated(ByteView content) {
  uLongf size = compressBound(content.size());
  Bytes out(size);
  FUZZ_EXPECT(compress(out.data(), &size, content.data(), content.size()) == Z_OK);
  out.resize(size);
  return out;
}

/// iv | ciphertext | HMAC.
Bytes sealed(const crypto::BundleKeys& keys, ByteView plain) {
  const ByteView okm = keys.okm().expose();
  Bytes body(crypto::kBundleIv, 0x55);
  body.resize(crypto::kBundleIv + plain.size());
  crypto::aes_ctr(okm.first(crypto::kAesKey), ByteView(body).first(crypto::kBundleIv), plain,
                  std::span(body).subspan(crypto::kBundleIv));
  append(body, crypto::hmac_sha256(okm.subspan(crypto::kAesKey), body));
  return body;
}

}  // namespace

const PlayedBundle* AndroidCard::played(ByteView bundle) const noexcept {
  const auto found = std::ranges::find_if(played_.rbegin(), played_.rend(), [&](const auto& each) {
    return std::ranges::equal(each.bundle, bundle);
  });
  return found == played_.rend() ? nullptr : &*found;
}

Result<Bytes> AndroidCard::answer(const apdu::CommandApdu& command) {
  if (input().empty()) return fail(Errc::card_removed);
  if (command.ins() == 0xA4) keys_.reset();  // a new session; it may ask without NEGOTIATE
  const unsigned choice = input().byte();
  const unsigned how = choice & 0x0F;
  if (how == raw) {
    honest_ = false;
    return next_answer();
  }
  std::uint16_t sw = 0x9000;
  Bytes wire = right_data(command, how, sw);
  if (choice >> 4 != 0) sw = kStatusWords[choice >> 4];
  append_be16(wire, sw);
  return exact(wire);
}

Bytes AndroidCard::right_data(const apdu::CommandApdu& command, unsigned how, std::uint16_t& sw) {
  const ByteView data = command.data();
  switch (command.ins()) {
    case 0xA4: return data.size() == 10 ? ose(how) : applet(how);
    case 0x53: return negotiated(data, how);
    case 0x50: return bundle(data, how, sw);
    case 0xCA: return vas_data();
    default: return next_frame(sw);
  }
}

Bytes AndroidCard::ose(unsigned how) {
  const Bytes nonce(how == odd_value ? kNonce - 1 : kNonce, kHandsetNonceByte);
  Bytes inside;
  append_tlv(inside, 0x50, bytes_of(how == apple ? "ApplePay" : "AndroidPay"));
  append_tlv(inside, 0x9F21, Bytes{1, 0});
  if (how != lacks_record) append_tlv(inside, 0xC2, nonce);
  Bytes discretionary;
  append_tlv(discretionary, 0xDF6D, Bytes{0, input().byte()});
  append_tlv(discretionary, 0xDF4D, Bytes{0, 1});
  append_tlv(discretionary, 0xDF62, Bytes{input().byte()});
  Bytes entry;
  append_tlv(entry, 0x4F, Bytes{0xA0, 0, 0, 4, 0x76, 0xD0, 0, 1, 0x11});
  append_tlv(entry, 0x73, discretionary);
  Bytes directory;
  append_tlv(directory, 0x61, entry);
  Bytes proprietary;
  append_tlv(proprietary, 0xBF0C, directory);
  append_tlv(inside, 0xA5, proprietary);
  Bytes fci;
  append_tlv(fci, 0x6F, inside);
  return fci;
}

Bytes AndroidCard::applet(unsigned how) const {
  Bytes nonce = {0x04};
  nonce.resize(how == odd_value ? kNonce : kNonce + 1, kHandsetNonceByte);
  Bytes data = {0x00, 0x00, 0x00, 0x01};
  const std::string_view name = how == lacks_record ? "abc" : "mdn";
  append(data, NdefWriter().add(apdu::Tnf::external, name, name, nonce).bytes());
  return data;
}

Bytes AndroidCard::negotiated(ByteView data, unsigned how) {
  const NdefMessage request = request_inside(data, "ngr");
  const ByteView parameters = required(request, "cpr").payload;
  FUZZ_EXPECT(parameters.size() > 70);
  const auto proof = required_inside(NdefMessage::parse(parameters.subspan(70)));
  const ByteView signature = required(proof, "sig").payload.subspan(1);
  const ByteView collector = required(proof, "cld").payload.subspan(1);
  crypto::CompressedPoint terminal{};
  std::ranges::copy(parameters.subspan(33, 33), terminal.begin());

  crypto::SmartTapTranscript transcript{.terminal_nonce = {},
                                        .handset_nonce = {},
                                        .collector = CollectorId(be32(collector)),
                                        .terminal_key = terminal};
  std::ranges::copy(parameters.first(kNonce), transcript.terminal_nonce.begin());
  transcript.handset_nonce.fill(kHandsetNonceByte);
  Bytes info = transcript.bytes();
  append(info, signature);
  crypto::CompressedPoint own = crypto::compressed(*handset_key());
  const auto peer = crypto::public_key_of(terminal);
  FUZZ_EXPECT(peer.has_value());
  auto keys = crypto::derive_bundle_keys(handset_key(), peer->get(), own, info);
  FUZZ_EXPECT(keys.has_value());
  keys_ = std::move(*keys);

  if (how == odd_value) {
    own[input().byte() % own.size()] ^= 0x01;
    honest_ = false;
  }
  NdefWriter inside;
  inside.add("ses", session_answer(request, how, input()));
  if (how != lacks_record) inside.add("dpk", own);
  return NdefWriter().add("nrs", inside.bytes()).bytes();
}

/// From the input: frame size[1], what session_answer() takes, bits[1], content[2 + n].
Bytes AndroidCard::bundle(ByteView data, unsigned how, std::uint16_t& sw) {
  const NdefMessage request = request_inside(data, "srq");
  frame_size_ = std::size_t{input().byte()} * 4;
  NdefWriter inside;
  inside.add("ses", session_answer(request, how, input()));
  played_.push_back(make_bundle());
  if (how != lacks_record) inside.add("reb", played_.back().bundle);
  frames_ = NdefWriter().add("srs", inside.bytes()).bytes();
  return next_frame(sw);
}

PlayedBundle AndroidCard::make_bundle() {
  const unsigned bits = input().byte();
  PlayedBundle made{.content = exact(input().block()), .bundle = {}};
  if ((bits & kBomb) != 0) made.content.resize(made.content.size() + kBombSize);
  Bytes body =
      (bits & kCompress) != 0 || (bits & kBomb) != 0 ? deflated(made.content) : made.content;
  if ((bits & kEncrypt) != 0 && keys_) body = sealed(*keys_, body);
  if ((bits & kBreakMac) != 0 && !body.empty()) body.back() ^= 0x01;
  unsigned flags = bits & (kEncrypt | kSayCompressed);
  if ((bits & kReservedFlag) != 0) flags |= 0x04;
  made.bundle.push_back(static_cast<std::uint8_t>(flags));
  append(made.bundle, body);
  made.forged = (bits & kEncrypt) != 0 && keys_ && (bits & kBreakMac) != 0;
  const bool says_what_it_is = ((bits & kSayCompressed) != 0) == ((bits & kCompress) != 0);
  const bool has_keys = (bits & kEncrypt) == 0 || keys_;
  made.sound =
      honest_ && has_keys && says_what_it_is && (bits & (kBreakMac | kReservedFlag | kBomb)) == 0;
  return made;
}

Bytes AndroidCard::vas_data() {
  Bytes inside;
  append_tlv(inside, 0x9F2A, {});
  append_tlv(inside, 0x9F27, input().block());
  Bytes data;
  append_tlv(data, 0x70, inside);
  return data;
}

Bytes AndroidCard::next_frame(std::uint16_t& sw) {
  const bool is_last = frame_size_ == 0 || frames_.size() <= frame_size_;
  const std::size_t size = is_last ? frames_.size() : frame_size_;
  const Bytes frame(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(size));
  frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(size));
  if (!is_last) sw = 0x9100;
  return frame;
}

}  // namespace passgate::fuzz
