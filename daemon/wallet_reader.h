// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "apdu/card_channel.h"
#include "apdu/session.h"
#include "apdu/smart_tap.h"
#include "apdu/wallet.h"
#include "core/clock.h"
#include "daemon/pass_terms.h"
#include "daemon/remote_opener.h"
#include "gate/journal.h"
#include "gate/vocabulary.h"
#include "hid/typing_template.h"
#include "runtime/log.h"

namespace passgate::daemon {

/// A pass of a tap, opened and named - or the reason why not.
struct Presented {
  const PassTerms* terms = nullptr;
  gate::Wallet wallet = gate::Wallet::apple;
  /// Of Apple's cryptogram, which must not come twice. Google's bundles are made
  /// for our nonce and have none.
  std::optional<gate::CryptogramDigest> digest;
  std::optional<WallTime> stamped_at;  ///< Apple's.
  hid::Fields fields;                  ///< Empty unless readable; holds the pass's content.
  std::string pass_id;
  std::string object_id;  ///< Google's, hex.
  unsigned party = 1;     ///< How many people the pass says come with it.
  /// undecryptable, wrong_template, remote_unavailable.
  gate::Reason trouble = gate::Reason::ok;
};

/// What one reader asks every wallet for, and how it understands the answers:
/// both wallets end in the same `Presented`. Used by that reader's thread.
class WalletReader {
 public:
  /// @param passes  Tried in this order. @param log  Both outlive *this.
  /// @param sync_sock  Who asks the holders of remote keys.
  WalletReader(std::vector<const PassTerms*> passes, std::string reader, const runtime::Log& log,
               std::filesystem::path sync_sock);

  /// One conversation. Uses up what `prepare` made.
  Result<apdu::Outcome> read(apdu::CardChannel& card, const Clock& clock);

  /// The passes of an outcome; none when it holds none. Does not need the card
  /// any more: passes whose keys are elsewhere take as long as one service may.
  std::vector<Presented> open(const apdu::Outcome& outcome, WallTime at);

  /// Makes nonces and ephemeral keys for the next phone: for idle time.
  void prepare();

 private:
  std::vector<Presented> open_apple(const apdu::ApplePasses& passes, WallTime at);
  Presented open_vas(const PassTerms& terms, const apdu::SealedVas& sealed, WallTime at,
                     MonoTime deadline);
  Result<RemoteOpener::Opened> unseal(const PassTerms& terms, ByteView cryptogram,
                                      MonoTime deadline);
  std::vector<Presented> open_google(const apdu::GooglePasses& passes, WallTime at) const;
  std::optional<Presented> open_object(const apdu::SmartTapObject& object,
                                       const hid::Fields& common, CollectorId collector,
                                       WallTime at) const;
  static void name_pass(Presented& presented, ByteView payload, const hid::Fields& object,
                        WallTime at);
  void note_unopened(const PassTerms& terms, const Error& error) const;
  void note_unopened(const PassTerms& terms, const Error& error, ByteView cryptogram) const;
  void note_remote(const PassTerms& terms, const Result<RemoteOpener::Opened>& answer,
                   ByteView cryptogram) const;
  void ask_apple_for(const PassTerms& terms);

  std::vector<const PassTerms*> passes_;
  std::string reader_;
  const runtime::Log& log_;
  RemoteOpener remote_;
  Milliseconds remote_patience_{0};                   ///< Of all remote passes of a tap together.
  std::optional<apdu::VasRequest> vas_;               ///< Without its nonce.
  std::vector<std::vector<const PassTerms*>> asked_;  ///< By merchant index.
  std::optional<apdu::SmartTapRequest> smart_tap_;    ///< For the next phone.
};

}  // namespace passgate::daemon
