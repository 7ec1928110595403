// SPDX-License-Identifier: Apache-2.0
#include "apdu/apple_vas.h"

#include <utility>

#include "apdu/ose.h"
#include "apdu/tlv.h"

namespace passgate::apdu {
namespace {

constexpr std::size_t kMaxUrl = 64;  // what common readers store; longer is untested on phones

// Tag of the FCI that SELECT answers.
constexpr Tag kVersion = 0x9F21;
// Tags of GET VAS DATA.
constexpr Tag kReaderVersion = 0x9F22;
constexpr Tag kMerchantId = 0x9F25;
constexpr Tag kVasCapabilities = 0x9F26;
constexpr Tag kTerminalNonce = 0x9F28;
constexpr Tag kSignupUrl = 0x9F29;
constexpr Tag kFilter = 0x9F2B;
// Tags of its answer.
constexpr Tag kAnswer = 0x70;
constexpr Tag kMobileToken = 0x9F2A;
constexpr Tag kCryptogram = 0x9F27;

constexpr std::uint8_t kVasVersion[] = {0x01, 0x00};
constexpr std::uint8_t kVasSupported = 0x80;  // byte 2 of 9F26
constexpr std::uint8_t kMoreFollow = 0x80;    // byte 4 of 9F26, bit 7

/// What to do after a status word of GET VAS DATA.
enum class VasVerdict : std::uint8_t { data, none, locked, choose, select_again, error };

VasVerdict vas_verdict(StatusWord sw) {
  switch (sw.value()) {
    case 0x9000: return VasVerdict::data;
    case 0x6A83:                             // no pass for this merchant
    case 0x6100: return VasVerdict::none;    // "no data"; not GET RESPONSE material here
    case 0x6287:                             // data not activated
    case 0x6982: return VasVerdict::locked;  // security status not satisfied
    case 0x6984: return VasVerdict::choose;
    case 0x6A82:  // file not found, and what ISO 7816 says of an applet not selected
    case 0x6985:
    case 0x6D00:
    case 0x6E00:
    case 0x6F00: return VasVerdict::select_again;
    default: return VasVerdict::error;
  }
}

/// The objects of the template that an answer consists of.
Result<TlvList> inside_template(ByteView data, Tag tag) {
  const auto top = TlvList::parse(data);
  if (!top) return std::unexpected(top.error());
  return top->inside(tag);
}

Step unexpected_status(StatusWord sw) {
  return Error(Errc::unexpected_status, sw.value());
}

}  // namespace

AppleVasSession::AppleVasSession(VasRequest request) : request_(std::move(request)) {
  if (!request_.mode) {
    request_.mode = request_.merchants.size() > 1 ? VasMode::vas_and_payment : VasMode::vas_only;
  }
}

Step AppleVasSession::begin() {
  if (state_ != State::start) {
    state_ = State::finished;
    return Error(Errc::out_of_sequence);
  }
  const bool nothing_to_ask = url_only() && request_.signup_url.empty();
  if (nothing_to_ask || request_.signup_url.size() > kMaxUrl) return stop(Error(Errc::bad_value));
  return select();
}

Step AppleVasSession::feed(ResponseView answer) {
  switch (state_) {
    case State::selecting: return on_select(answer);
    case State::asking: return on_answer(answer);
    case State::start:
    case State::finished: break;
  }
  state_ = State::finished;
  return Error(Errc::out_of_sequence);
}

Step AppleVasSession::select() {
  state_ = State::selecting;
  return select_ose();
}

Step AppleVasSession::on_select(ResponseView answer) {
  if (answer.sw() != kSuccess) {
    return stop(reselected_ ? unexpected_status(answer.sw()) : Step(NotAWallet{}));
  }
  const auto ose = OseAnswer::parse(answer.data());
  if (!ose) return stop(ose.error());
  if (ose->label != kAppleLabel) return stop(NotAWallet{ose->label});
  const auto version = ose->fci.find(kVersion);
  if (!version) return stop(Error(Errc::bad_version));
  if (version->size() != 2) return stop(Error(Errc::bad_length));
  if ((*version)[0] != kVasVersion[0]) return stop(Error(Errc::bad_version, be16(*version)));
  return ask();
}

Step AppleVasSession::ask() {
  state_ = State::asking;
  const bool last = asked_ + 1 >= request_.merchants.size();
  const auto mode = static_cast<std::uint8_t>(*request_.mode);
  const std::uint8_t capabilities[] = {0x00, kVasSupported, 0x00,
                                       static_cast<std::uint8_t>(last ? mode : mode | kMoreFollow)};
  Bytes data;
  append_tlv(data, kReaderVersion, kVasVersion);
  if (!url_only()) append_tlv(data, kMerchantId, request_.merchants[asked_].value());
  append_tlv(data, kVasCapabilities, capabilities);
  if (request_.terminal_nonce) append_tlv(data, kTerminalNonce, *request_.terminal_nonce);
  if (request_.filter) append_tlv(data, kFilter, *request_.filter);
  if (!request_.signup_url.empty()) append_tlv(data, kSignupUrl, bytes_of(request_.signup_url));
  const std::uint8_t protocol = url_only() ? 0x00 : 0x01;  // P2: URL VAS, Full VAS
  return CommandApdu::case4(0x80, 0xCA, 0x01, protocol, data, kWholeAnswer);
}

Step AppleVasSession::on_answer(ResponseView answer) {
  switch (vas_verdict(answer.sw())) {
    case VasVerdict::data: return on_data(answer.data());
    case VasVerdict::none: return ask_next();
    case VasVerdict::locked: return stop(PhoneLocked{});
    case VasVerdict::choose: return stop(ChooseOnPhone{});
    case VasVerdict::select_again: return select_again(answer.sw());
    case VasVerdict::error: break;
  }
  return stop(unexpected_status(answer.sw()));
}

Step AppleVasSession::on_data(ByteView data) {
  // No capture shows what a phone adds to "URL accepted": whatever it is, is fine.
  if (url_only()) return stop(UrlAccepted{});
  const auto answer = inside_template(data, kAnswer);
  if (!answer) return stop(answer.error());
  const auto cryptogram = answer->find(kCryptogram);
  if (!cryptogram) return stop(Error(Errc::no_cryptogram));
  const ByteView token = answer->find(kMobileToken).value_or(ByteView{});
  sealed_.push_back({.merchant = asked_,
                     .cryptogram = Bytes(cryptogram->begin(), cryptogram->end()),
                     .mobile_token = Bytes(token.begin(), token.end())});
  // In this mode a phone gives one pass a tap and refuses to be asked again.
  if (*request_.mode == VasMode::vas_only) return hand_over();
  return ask_next();
}

Step AppleVasSession::select_again(StatusWord reason) {
  if (reselected_) return stop(unexpected_status(reason));
  reselected_ = true;
  return select();
}

Step AppleVasSession::ask_next() {
  ++asked_;
  return asked_ < request_.merchants.size() ? ask() : stop(NoMatchingPass{});
}

/// Ends the conversation: with the passes we have, else for `reason`.
Step AppleVasSession::stop(Step reason) {
  if (!sealed_.empty()) return hand_over();
  state_ = State::finished;
  return reason;
}

Step AppleVasSession::hand_over() {
  state_ = State::finished;
  return ApplePasses{std::move(sealed_)};
}

}  // namespace passgate::apdu
