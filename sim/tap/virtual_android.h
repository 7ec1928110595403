// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "apdu/apdu.h"
#include "core/ids.h"
#include "crypto/smart_tap.h"
#include "crypto/smart_tap_phone.h"
#include "sim/tap/google_object.h"
#include "sim/tap/phone.h"
#include "sim/tap/phone_state.h"
#include "sim/tap/smart_tap_question.h"

namespace passgate::sim {

/// A collector's key as Google gave it to the phone.
struct KnownCollector {
  CollectorId id;
  std::uint32_t key_version = 1;
  crypto::CollectorPublicKey key;
};

struct AndroidOptions {
  PhoneState state = PhoneState::ready;  ///< Locked: 9300 where it has an object; choose: 9302.
  bool older = false;      ///< OSE without nonce: SELECT SMART TAP 2 cannot be skipped.
  bool clear = false;      ///< Its objects need no authentication: unencrypted without NEGOTIATE.
  bool tamper = false;     ///< One bit of every HMAC is wrong.
  bool transient = false;  ///< An activation's first NEGOTIATE is 9201, GET DATA 9203.
  bool several_collectors = false;  ///< In one activation; else the second one is 9406.
  std::size_t frame = 250;          ///< Bytes of data in one answer; 1 to 256.
};

/// A wallet with Google objects, on the wire as docs/protocols/google-smart-tap.md
/// says a handset is: strict about requests and signatures, really encrypting.
///
/// Where the protocol's sources say no more than a status word's name, it takes
/// the strict side: 9402 whatever does not parse; 9500 every authentication it
/// cannot accept, also a GET DATA that is not of the session it negotiated; 9406
/// also a second GET DATA in one session, and more sessions than a terminal needs.
class VirtualAndroid final : public Phone {
 public:
  VirtualAndroid(std::vector<KnownCollector> collectors, std::vector<GoogleObject> objects,
                 AndroidOptions options = {});

  void activate() override { field_ = Field{}; }
  std::optional<Bytes> answer(ByteView command) override;

 private:
  enum class Applet : std::uint8_t { none, ose, smart_tap };

  /// A session as far as it came.
  struct Session {
    std::uint8_t last = 0;  ///< Sequence number last received.
    bool answered = false;  ///< Its GET DATA was.
  };
  /// The session that NEGOTIATE opened.
  struct Secured {
    crypto::SmartTapSessionId id;
    CollectorId collector;
    crypto::BundleKeys keys;
  };
  /// An answer that goes out in frames.
  struct Reply {
    Bytes data;
    std::size_t sent = 0;
    apdu::StatusWord last{0x9000};  ///< Of the last frame.
  };
  /// What lasts from SELECT to SELECT.
  struct Selection {
    Applet applet = Applet::none;
    crypto::SmartTapNonce nonce{};
    std::map<crypto::SmartTapSessionId, Session> sessions;
    std::optional<Secured> secured;
    std::optional<Reply> reply;
  };
  /// What lasts as long as the field does.
  struct Field {
    crypto::HandsetKey key = crypto::HandsetKey::make();
    Selection selection;
    std::optional<CollectorId> collector;  ///< The first that asked.
    bool stumbled_at_negotiate = false;
    bool stumbled_at_data = false;
  };

  Bytes select(const apdu::CommandApdu& command);
  Bytes directory() const;
  Bytes applet_answer() const;
  bool smart_tap_answers() const noexcept;

  Bytes negotiate(const apdu::CommandApdu& command);
  Bytes authenticate(const Negotiation& asked);
  Bytes get_data(const apdu::CommandApdu& command);
  Bytes give(const DataQuestion& asked, Session& session);
  Bytes get_more(const apdu::CommandApdu& command);
  Bytes next_frame();

  /// The refusal of a collector or of a session's step; nothing: go on.
  std::optional<Bytes> refuse(CollectorId collector);
  std::optional<Bytes> refuse(const SessionStep& step, std::string_view reply);
  std::vector<const GoogleObject*> wanted(const DataQuestion& asked) const;
  Bytes bundle(ByteView content, bool compress) const;

  std::vector<KnownCollector> collectors_;
  std::vector<GoogleObject> objects_;
  AndroidOptions options_;
  Field field_;
};

}  // namespace passgate::sim
