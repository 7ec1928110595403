// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "apdu/apdu.h"
#include "apdu/card_channel.h"
#include "core/clock.h"
#include "core/ids.h"
#include "crypto/smart_tap.h"

namespace passgate::apdu {

/// One encrypted answer of an iPhone, still sealed. Copied out of the channel.
struct SealedVas {
  std::size_t merchant;  ///< Index into the merchants the session was given.
  Bytes cryptogram;      ///< Key id, phone's point, ciphertext, tag.
  Bytes mobile_token;    ///< 9F2A; empty in every capture known.
};

/// A record bundle of an Android phone, as it came: flags, then the body. What
/// is in it, open_bundle() says (apdu/smart_tap_object.h).
struct SealedBundle {
  CollectorId collector;
  Bytes bundle;
  std::optional<crypto::BundleKeys> keys;  ///< Absent: the session was not authenticated.
};

// How a conversation can end without being an error: these are ordinary events.
struct NotAWallet {
  std::string label;  ///< Tag 50 of another wallet, e.g. "SamsungWallet"; else empty.
};
struct PhoneLocked {};  ///< 6287, 9300: unlock the phone and tap again.
/// The wallet has no pass for any merchant or collector asked.
struct NoMatchingPass {
  std::optional<SealedBundle> customer;  ///< What an Android phone tells of its owner all the same.
};
struct ChooseOnPhone {};  ///< 6984, 9302: pick or confirm on the phone and tap again.
struct UrlAccepted {};    ///< URL-only mode: the phone took the sign-up address.
struct ApplePasses {
  std::vector<SealedVas> sealed;  ///< At least one, in the order they were asked for.
};
struct GooglePasses {
  SealedBundle sealed;
};
using Outcome = std::variant<NotAWallet, PhoneLocked, NoMatchingPass, ChooseOnPhone, UrlAccepted,
                             ApplePasses, GooglePasses>;

/// What the session wants next: send this, or we are finished, or we cannot go on.
using Step = std::variant<CommandApdu, Outcome, Error>;

/// Bounds on what a hostile phone may cost us.
struct Limits {
  Milliseconds budget{2500};                          ///< Whole conversation, monotonic time.
  std::size_t exchanges = 24;                         ///< Commands, GET RESPONSE included.
  std::size_t answer_bytes = std::size_t{16} * 1024;  ///< One answer after chaining.
};

/// A wallet protocol as a pure state machine: answers in, next command or
/// outcome out. It does not read a clock, a socket, a reader or a random
/// source; everything it needs - fresh nonces, keys, a signer - is given to its
/// constructor. Two sessions built from equal ingredients and fed equal answers
/// behave equally, byte for byte.
///
/// Call `begin()` once, then `feed()` with the answer to each command returned.
/// After an Outcome or an Error every further call returns out_of_sequence.
class WalletSession {
 public:
  virtual ~WalletSession() = default;
  virtual Step begin() = 0;
  /// @param answer  Borrowed; anything worth keeping is copied.
  virtual Step feed(ResponseView answer) = 0;
  /// What the conversation may cost; asked before every command, because it may
  /// grow when the phone has said whose wallet it holds.
  virtual Limits limits() const noexcept { return {}; }

 protected:
  WalletSession() = default;
  WalletSession(const WalletSession&) = default;
  WalletSession& operator=(const WalletSession&) = default;
};

/// Runs a session against a card: the only loop that joins the two. Handles
/// ISO 7816-4 plumbing (61xx GET RESPONSE, 6Cxx wrong Le) so that sessions do
/// not see it - except 6100 after 80 CA, which belongs to VAS.
///
/// Errors: those of the channel, those of the session, deadline_exceeded,
/// too_large (exchanges or bytes), too_short (an answer without status word).
Result<Outcome> drive(WalletSession& session, CardChannel& card, const Clock& clock);

}  // namespace passgate::apdu
