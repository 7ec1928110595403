// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/guarded.h"
#include "core/secret.h"
#include "sync/handshake.h"
#include "sync/store/outbox.h"

namespace passgate::sync {

/// One subscriber as all its workers see it: what concerns it as a whole and
/// not one event. Thread-safe.
class SubscriberLink {
 public:
  struct Settings {
    std::string name;
    std::string url;
    std::vector<SecretBytes> keys;  ///< Decoded (webhook_key); signed with each.
    std::optional<SecretBytes> bearer;
    Milliseconds retry_base{10000};
    unsigned parallel = 4;  ///< Workers; 1..kLanes.
    std::string origin;     ///< Ours, for the handshake; empty: none is made.
  };
  struct Report {
    bool disabled = false;         ///< The subscriber answered 410; until the restart.
    bool without_consent = false;  ///< It was not asked yet, or did not consent.
    std::optional<int> last_status;
    std::string last_error;  ///< Errc name of the last exchange; empty: it succeeded.
  };
  /// What a worker is to do now.
  enum class Permit : std::uint8_t {
    deliver,
    ask,   ///< Make the handshake; given to one worker only.
    wait,  ///< Come again at the time given, or when woken.
  };
  struct Leave {
    Permit permit = Permit::wait;
    MonoTime at;
  };

  /// @param wake  Rings all workers of the subscriber; from a worker's thread.
  SubscriberLink(Settings settings, MonoTime now, std::function<void()> wake);

  const Settings& settings() const noexcept { return settings_; }

  Leave leave(MonoTime now);
  /// `now`: one delivery may leave, and is counted. Later: not before then.
  MonoTime claim(MonoTime now);

  /// Absent without `origin`.
  std::optional<HttpRequest> handshake() const;
  /// The answer to `handshake()`. With consent all workers are woken.
  /// Errors: those of Handshake::take.
  Status take_handshake(const Result<HttpAnswer>& answer, MonoTime now, WallTime wall,
                        double random);

  /// After every delivery. True: the subscriber can be reached again after it
  /// could not.
  bool note(const Attempt& attempt);
  void disable();                 ///< For all workers, until the restart.
  void quiet(MonoTime until);     ///< For all workers; the later of two counts.
  MonoTime quiet_until() const;   ///< Not after now: nobody asked for quiet.
  void wake() const { wake_(); }  ///< There may be work for any of them.

  Report report(MonoTime now) const;

 private:
  struct State {
    bool disabled = false;
    MonoTime quiet_until;
    unsigned unreachable_in_a_row = 0;
    std::optional<Handshake> handshake;
    MonoTime asked_until;  ///< Before it, somebody asks.
    std::optional<int> last_status;
    std::string last_error;
  };

  Settings settings_;
  std::function<void()> wake_;
  Guarded<State> state_;
};

}  // namespace passgate::sync
