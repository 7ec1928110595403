// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/clock.h"
#include "core/ids.h"
#include "core/result.h"
#include "gate/pass_mirror.h"
#include "sync/http/http_client.h"

namespace passgate::sync {

/// Conversations with a pass cloud, sans I/O: answers in; the next request or
/// the outcome out. No socket, no clock, no randomness inside.

/// What a failure means for what is to be done next.
enum class Remedy : std::uint8_t {
  retry,    ///< The same request again, later: nobody home, overloaded, too fast.
  pause,    ///< The account is refused (401, 402, 403): stop asking, tell the operator.
  give_up,  ///< Asking again changes nothing.
  wait,     ///< For the list: it may yet say what the provider calls this pass. Others go on.
};

struct Failure {
  Remedy remedy = Remedy::give_up;
  Error error{Errc::bad_reply};             ///< rejected and rate_limited: HTTP status as detail.
  std::optional<Milliseconds> retry_after;  ///< As the provider asked.
};

/// A pass as the mirror is to know it.
struct MirrorRow {
  std::string join_value;
  std::string provider_id;  ///< What the provider's URLs call the pass; empty: as join_value.
  gate::PassState state = gate::PassState::unknown;
  std::optional<WallTime> valid_from;
  std::optional<WallTime> valid_until;

  friend bool operator==(const MirrorRow&, const MirrorRow&) = default;
};

/// One valid page; more follow: send `request()`.
struct PassPage {
  std::vector<MirrorRow> rows;
  std::size_t unmapped = 0;  ///< Rows whose status word no map knows.
  /// From which a later session goes on behind this page. Only its provider
  /// reads it; at most 4 KiB. Empty: such a session begins anew.
  std::string checkpoint;
  std::optional<std::size_t> total;  ///< Passes in all, where the provider says; for progress.
};
/// The last page. `distinct` passes must have come in all: fewer means that
/// some slipped from page to page unseen, and nothing may be taken away.
struct LastPage {
  PassPage page;
  std::size_t distinct = 0;
  /// What `changes()` is to be asked with next; empty: it cannot be asked.
  std::string since;
};
/// The list changed while it was read. What came so far must not count as
/// seen; `request()` is the first page again.
struct StartOver {};

using SweepStep = std::variant<PassPage, LastPage, StartOver, Failure>;

/// Reads the validity of every pass of one template, or of those that changed.
class SweepSession {
 public:
  virtual ~SweepSession() = default;
  /// What to send now. Stays the same until `take()`, so a lost or refused
  /// request is simply sent again.
  virtual HttpRequest request() const = 0;
  /// After LastPage or a give_up failure the session is over.
  virtual SweepStep take(const HttpAnswer& answer, WallTime now) = 0;

 protected:
  SweepSession() = default;
  SweepSession(const SweepSession&) = default;
  SweepSession& operator=(const SweepSession&) = default;
};

/// The names a provider has for one pass; what is empty is not known.
struct PassNames {
  std::string id;      ///< In the provider's URLs.
  std::string serial;  ///< Its serial number.
  std::string code;    ///< What its barcode or redeem code says.

  friend bool operator==(const PassNames&, const PassNames&) = default;
};

/// The provider does not have the pass, or not any more.
struct Gone {};
using LookUpStep = std::variant<HttpRequest, MirrorRow, Gone, Failure>;

/// Reads the validity of one pass. `start()`, then `take()` for every answer.
class LookUpSession {
 public:
  virtual ~LookUpSession() = default;
  virtual LookUpStep start() = 0;
  virtual LookUpStep take(const HttpAnswer& answer, WallTime now) = 0;

 protected:
  LookUpSession() = default;
  LookUpSession(const LookUpSession&) = default;
  LookUpSession& operator=(const LookUpSession&) = default;
};

/// A use that was consumed here, to be recorded at the provider.
struct RedemptionOrder {
  TapId tap_id;
  WallTime at;
  std::string terminal;
  std::string reader;
  std::string wallet;  ///< apple | google; empty in jobs of older versions.
  std::string pass_template;
  std::string pass_id;      ///< What the template's `join` names there.
  std::string object_id;    ///< Google's; empty for a pass of Apple's wallet.
  std::string join = "id";  ///< What `pass_id` is: id | serial | code.
  std::string provider_id;  ///< From the mirror; empty: not known there.
  /// Undo: better not at all than with other uses of the pass. Else a person has
  /// looked at the provider's records and asks for it.
  bool this_use_only = false;
};

/// The next request of a redemption. With a `memo` it may have an effect that
/// cannot be taken back or repeated: the memo is on disk before the request
/// leaves, and every later session for the same order is given it, so that one
/// which comes after a lost answer or a crash reads before it writes again.
struct Send {
  HttpRequest request;
  std::optional<std::string> memo;  ///< At most 4 KiB.
};
/// The provider has it.
struct Recorded {
  /// False: a lost answer could not be cleared up, because the provider offers
  /// no way; it may have been counted twice, or not at all.
  bool certain = true;
};
using RedeemStep = std::variant<Send, Recorded, Failure>;

/// Records one use, or takes the record back. `start()`, then `take()` for
/// every answer or its absence.
class RedeemSession {
 public:
  virtual ~RedeemSession() = default;
  virtual RedeemStep start() = 0;
  virtual RedeemStep take(const Result<HttpAnswer>& answer, WallTime now) = 0;

 protected:
  RedeemSession() = default;
  RedeemSession(const RedeemSession&) = default;
  RedeemSession& operator=(const RedeemSession&) = default;
};

/// A template a provider knows the passes of.
struct ProviderTemplate {
  std::string pass_template;
  std::string join = "id";  ///< id | serial | code

  friend bool operator==(const ProviderTemplate&, const ProviderTemplate&) = default;
};

/// One pass cloud. Immutable; its sessions borrow from it. Any thread.
class Provider {
 public:
  virtual ~Provider() = default;

  /// Every pass of a template. Null: the provider has no list (Passinstance
  /// without `list`).
  /// @param checkpoint  Of the last page stored by a sweep that was cut short;
  ///   empty, or not understood: from the start.
  virtual std::unique_ptr<SweepSession> sweep(const ProviderTemplate& of,
                                              std::string_view checkpoint) const = 0;
  /// The passes that changed; ends with LastPage (`distinct` 0). Null: the
  /// provider offers no such thing.
  /// @param since  Of the last sweep's or the last changes' LastPage.
  virtual std::unique_ptr<SweepSession> changes(const ProviderTemplate& /*of*/,
                                                std::string_view /*since*/) const {
    return nullptr;
  }
  /// One pass. Null: the provider offers no such thing, or not by these names.
  virtual std::unique_ptr<LookUpSession> look_up(const ProviderTemplate& /*of*/,
                                                 const PassNames& /*pass*/) const {
    return nullptr;
  }

  /// Whether uses are recorded there at all.
  virtual bool redeems() const = 0;
  /// @param memo  The last one an earlier session for this order had sent with;
  ///   empty: nothing with an effect was sent.
  virtual std::unique_ptr<RedeemSession> redeem(const RedemptionOrder& order,
                                                std::string_view memo) const = 0;
  /// Takes a recorded use back. Null: cannot be undone there.
  virtual std::unique_ptr<RedeemSession> undo(const RedemptionOrder& /*order*/,
                                              std::string_view /*memo*/) const {
    return nullptr;
  }

 protected:
  Provider() = default;
  Provider(const Provider&) = default;
  Provider& operator=(const Provider&) = default;
};

}  // namespace passgate::sync
