// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
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
};

struct Failure {
  Remedy remedy = Remedy::give_up;
  Error error{Errc::bad_reply};             ///< rejected and rate_limited: HTTP status as detail.
  std::optional<Milliseconds> retry_after;  ///< As the provider asked.
};

/// A pass as the mirror is to know it.
struct MirrorRow {
  std::string join_value;
  gate::PassState state = gate::PassState::unknown;
  std::optional<WallTime> valid_from;
  std::optional<WallTime> valid_until;

  friend bool operator==(const MirrorRow&, const MirrorRow&) = default;
};

/// One valid page; more follow: send `request()`.
struct PassPage {
  std::vector<MirrorRow> rows;
  std::size_t unmapped = 0;  ///< Rows whose status word no map knows.
};
/// The last page. `distinct` passes must have come in all: fewer means that
/// some slipped from page to page unseen, and nothing may be taken away.
struct LastPage {
  PassPage page;
  std::size_t distinct = 0;
};
/// The list changed while it was read. What came so far must not count as
/// seen; `request()` is the first page again.
struct StartOver {};

using SweepStep = std::variant<PassPage, LastPage, StartOver, Failure>;

/// Reads the validity of every pass of one template.
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

/// A use that was consumed here, to be recorded at the provider.
struct RedemptionOrder {
  TapId tap_id;
  WallTime at;
  std::string terminal;
  std::string reader;
  std::string pass_template;
  std::string pass_id;    ///< What the template's `join` names there.
  std::string object_id;  ///< Google's; empty for a pass of Apple's wallet.
};

/// The provider has it.
struct Recorded {};
using RedeemStep = std::variant<HttpRequest, Recorded, Failure>;

/// Records one use. `start()`, then `take()` for every answer or its absence.
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

/// One pass cloud. Immutable; its sessions borrow from it.
class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::unique_ptr<SweepSession> sweep(const ProviderTemplate& of) const = 0;
  /// Whether uses are recorded there at all.
  virtual bool redeems() const = 0;
  virtual std::unique_ptr<RedeemSession> redeem(const RedemptionOrder& order) const = 0;

 protected:
  Provider() = default;
  Provider(const Provider&) = default;
  Provider& operator=(const Provider&) = default;
};

}  // namespace passgate::sync
