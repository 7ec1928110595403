// SPDX-License-Identifier: Apache-2.0
#include "apdu/smart_tap.h"

#include <algorithm>
#include <utility>

#include "apdu/ose.h"
#include "apdu/smart_tap_wire.h"

namespace passgate::apdu {
namespace {

constexpr std::size_t kMost = 16;  // attempts; services
constexpr std::size_t kMostFrames = 64;
constexpr std::size_t kMostData = std::size_t{64} * 1024;

/// What a status word says; the first byte decides, second ones may be new.
enum class Verdict : std::uint8_t {
  done,
  more,
  no_pass,
  repeat,
  locked,
  choose,
  refused,
  too_many,
  version,
  error
};

Verdict verdict(StatusWord sw) {
  switch (sw.value()) {
    case 0x9001:                           // no pass, perhaps a customer
    case 0x9102: return Verdict::no_pass;  // the same, not ready for payment
    case 0x9100: return Verdict::more;
    case 0x9300: return Verdict::locked;
    case 0x9406: return Verdict::too_many;
    case 0x9407:                           // no merchant set
    case 0x9500: return Verdict::refused;  // signature, key version or collector
    case 0x9502: return Verdict::version;
    default: break;
  }
  switch (sw.sw1()) {
    case 0x90:
    case 0x91: return Verdict::done;
    case 0x92: return Verdict::repeat;  // a passing trouble
    case 0x93: return Verdict::choose;  // 9302, and whatever else the person must do
    default: return Verdict::error;
  }
}

}  // namespace

SmartTapSession::SmartTapSession(SmartTapRequest request, Entry entry)
    : request_(std::move(request)), entry_(entry) {}

Limits SmartTapSession::limits() const noexcept {
  return {.exchanges = 80, .answer_bytes = kMostData};
}

Step SmartTapSession::begin() {
  const auto in_bounds = [](const auto& list) { return !list.empty() && list.size() <= kMost; };
  if (state_ != State::start) return stop(Error(Errc::out_of_sequence));
  if (!in_bounds(request_.attempts) || !in_bounds(request_.services)) {
    return stop(Error(Errc::bad_value));
  }
  return select();
}

Step SmartTapSession::feed(ResponseView answer) {
  switch (state_) {
    case State::selecting_ose: return on_ose(answer);
    case State::selecting_applet: return on_applet(answer);
    case State::negotiating: return on_negotiated(answer);
    case State::asking:
    case State::continuing: return on_data(answer);
    case State::start:
    case State::finished: break;
  }
  return stop(Error(Errc::out_of_sequence));
}

Step SmartTapSession::select() {
  if (entry_ == Entry::applet) return select_applet();
  state_ = State::selecting_ose;
  return select_ose();
}

Step SmartTapSession::on_ose(ResponseView answer) {
  switch (verdict(answer.sw())) {
    case Verdict::done: break;
    case Verdict::error: return select_applet();  // no OSE.VAS.01; the applet may be there
    default: return on_status(answer.sw());
  }
  // Nonsense, like another wallet's answer, says nothing about the applet.
  const auto ose = OseAnswer::parse(answer.data());
  if (!ose) return select_applet();
  label_ = ose->label;
  if (label_ != kGoogleLabel) return select_applet();
  const auto offer = read_offer(ose->fci);
  if (!offer && offer.error().code() == Errc::bad_version) return stop(offer.error());
  if (!offer || !offer->handset_nonce || !offer->may_skip_select) return select_applet();
  return open_session(*offer->handset_nonce);
}

Step SmartTapSession::select_applet() {
  state_ = State::selecting_applet;
  repeated_ = false;
  return select_smart_tap();
}

Step SmartTapSession::on_applet(ResponseView answer) {
  const bool google_knows = answer.sw().sw1() >= 0x90;  // Smart Tap's own words, not ISO 7816's
  if (!google_knows) return stop(NotAWallet{label_});
  if (verdict(answer.sw()) != Verdict::done) return on_status(answer.sw());
  const auto nonce = read_applet(answer.data());
  if (!nonce) return stop(nonce.error());
  return open_session(*nonce);
}

Step SmartTapSession::open_session(const crypto::SmartTapNonce& handset_nonce) {
  sequence_ = 0;
  repeated_ = false;
  signature_.clear();
  keys_.reset();
  transcript_ = {.terminal_nonce = attempt().ephemeral.nonce(),
                 .handset_nonce = handset_nonce,
                 .collector = attempt().collector,
                 .terminal_key = attempt().ephemeral.public_key()};
  return attempt().sign ? negotiate() : ask();
}

Step SmartTapSession::negotiate() {
  state_ = State::negotiating;
  if (signature_.empty()) {  // A repeated NEGOTIATE carries the same one.
    crypto::SmartTapTranscript covered = transcript_;
    if (attempt().pre_signed) covered.handset_nonce = {};
    signature_ = attempt().sign(covered.bytes());
  }
  const std::uint8_t sequence = repeated_ ? 3 : 1;
  return negotiate_session({.session = attempt().ephemeral.session(), .sequence = sequence},
                           transcript_, attempt().pre_signed, attempt().key_version, signature_);
}

Step SmartTapSession::on_negotiated(ResponseView answer) {
  if (verdict(answer.sw()) != Verdict::done) return on_status(answer.sw());
  const auto read = read_answer(answer.data(), "nrs", "dpk", attempt().ephemeral.session());
  if (!read) return stop(read.error());
  if (read->status != kStatusOk) return on_session_status(read->status);
  sequence_ = read->sequence;
  return agree(read->value);
}

Step SmartTapSession::agree(ByteView handset_key) {
  crypto::CompressedPoint point;
  if (handset_key.size() != point.size()) return stop(Error(Errc::bad_length));
  std::ranges::copy(handset_key, point.begin());
  auto keys = std::move(attempt().ephemeral).agree(point, transcript_, signature_);
  if (!keys) return stop(keys.error());
  keys_ = std::move(*keys);
  repeated_ = false;
  return ask();
}

Step SmartTapSession::ask() {
  state_ = State::asking;
  frames_ = 0;
  data_.clear();
  const auto sequence = static_cast<std::uint8_t>(sequence_ + (repeated_ ? 3 : 1));
  return get_data({.session = attempt().ephemeral.session(), .sequence = sequence},
                  attempt().collector, request_.services, request_.pos_capabilities);
}

Step SmartTapSession::on_data(ResponseView answer) {
  const Verdict said = verdict(answer.sw());
  append(data_, answer.data());
  if (++frames_ > kMostFrames || data_.size() > kMostData) return stop(Error(Errc::too_large));
  switch (said) {
    case Verdict::done: return hand_over();
    case Verdict::no_pass: return no_pass();
    case Verdict::more: break;
    default: return on_status(answer.sw());
  }
  if (frames_ == kMostFrames) return stop(Error(Errc::too_large));
  state_ = State::continuing;
  return get_more();
}

Step SmartTapSession::hand_over() {
  if (data_.empty()) return no_pass();
  const auto read = read_answer(data_, "srs", "reb", attempt().ephemeral.session());
  if (!read) return stop(read.error());
  if (read->status != kStatusOk) return on_session_status(read->status);
  return stop(GooglePasses{sealed(read->value)});
}

SealedBundle SmartTapSession::sealed(ByteView bundle) {
  return {.collector = attempt().collector,
          .bundle = Bytes(bundle.begin(), bundle.end()),
          .keys = std::move(keys_)};
}

/// A status word that ends the attempt or the conversation, whatever was asked.
Step SmartTapSession::on_status(StatusWord sw) {
  const Error unexpected(Errc::unexpected_status, sw.value());
  switch (verdict(sw)) {
    case Verdict::no_pass: return no_pass();
    case Verdict::repeat: return again(unexpected);
    case Verdict::locked: return stop(PhoneLocked{});
    case Verdict::choose: return stop(ChooseOnPhone{});
    case Verdict::refused: return refused(sw.value());
    case Verdict::version: return stop(Error(Errc::bad_version, sw.value()));
    case Verdict::too_many:
      // Some phones talk to one collector a visit; what that one said stands.
      return stop(so_far_ ? std::move(*so_far_) : Error(Errc::too_many_requests, sw.value()));
    case Verdict::done:
    case Verdict::more:
    case Verdict::error: break;
  }
  return stop(unexpected);
}

Step SmartTapSession::on_session_status(std::uint8_t status) {
  switch (status) {
    case kStatusVersion: return stop(Error(Errc::bad_version, status));
    case kStatusUnknownMerchant: return refused(status);
    case kStatusResend: return again(Error(Errc::wrong_session, status));
    default: return stop(Error(Errc::wrong_session, status));
  }
}

/// Sends the command under way once more.
Step SmartTapSession::again(Step if_spent) {
  if (std::exchange(repeated_, true)) return stop(std::move(if_spent));
  switch (state_) {
    case State::selecting_ose: return select_ose();
    case State::selecting_applet: return select_smart_tap();
    case State::negotiating: return negotiate();
    case State::asking: return ask();
    default: return stop(std::move(if_spent));
  }
}

/// The next collector may have one.
Step SmartTapSession::no_pass() {
  NoMatchingPass none;
  // A customer record is an extra: one that cannot be read changes nothing.
  const auto read = read_answer(data_, "srs", "reb", attempt().ephemeral.session());
  if (read && read->status == kStatusOk) none.customer = sealed(read->value);
  const bool before = so_far_ && std::holds_alternative<Outcome>(*so_far_);
  if (!before) so_far_ = std::move(none);
  std::size_t next = attempt_ + 1;
  while (next < request_.attempts.size() &&
         request_.attempts[next].collector == attempt().collector)
    ++next;
  return next_attempt(next);
}

/// The next key version may be known to the phone, or the next collector.
Step SmartTapSession::refused(std::int32_t detail) {
  if (!so_far_) so_far_ = Error(Errc::unknown_collector, detail);
  return next_attempt(attempt_ + 1);
}

Step SmartTapSession::next_attempt(std::size_t next) {
  if (next >= request_.attempts.size()) return stop(std::move(*so_far_));
  attempt_ = next;
  repeated_ = false;
  data_.clear();
  return select();
}

Step SmartTapSession::stop(Step reason) {
  state_ = State::finished;
  return reason;
}

}  // namespace passgate::apdu
