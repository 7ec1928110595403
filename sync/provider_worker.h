// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/guarded.h"
#include "runtime/log.h"
#include "sync/http/http_client.h"
#include "sync/provider/session.h"
#include "sync/steady_wall.h"
#include "sync/store/outbox.h"
#include "sync/store/passes_store.h"
#include "sync/token_bucket.h"
#include "sync/worker.h"

namespace passgate::sync {

/// Keeps one provider in step: uses go up, validity comes down, pushes are looked
/// into, all within its rate limit. Redemptions go first, then pushes; but under
/// a steady stream of them every tenth turn is still the sweep's: a mirror that
/// starves would in the end deny everybody.
class ProviderWorker final : public Worker {
 public:
  struct Settings {
    std::string name;
    std::vector<ProviderTemplate> templates;   ///< To be swept, in turn.
    std::chrono::seconds refresh{300};         ///< From the start of one round to the next.
    std::chrono::seconds full_refresh{86400};  ///< Between rounds that only fetch what changed.
    double max_rps = 5.0;
    Milliseconds retry_base{1000};  ///< First pause after a failure; doubles, with full jitter.
    std::string own_device;         ///< Whose pushes are echoes of ours; empty: not known.
  };
  /// Borrowed; outlive the worker.
  struct Parts {
    const Provider& provider;
    HttpClient& http;
    Outbox& outbox;
    PassesStore& passes;
    const Clock& clock;
    const SteadyWall& times;
    const runtime::Log& log;
    Random random;
  };
  /// A sweep under way, for whoever waits for it.
  struct Progress {
    std::string pass_template;
    std::size_t rows = 0;
    std::optional<std::size_t> total;
    WallTime since;
  };
  struct Report {
    bool paused = false;       ///< The account is refused; asked again every few minutes.
    std::string last_error;    ///< Errc name of the last exchange; empty: it succeeded.
    int last_status = 0;       ///< HTTP status that goes with it; 0: none.
    std::size_t unmapped = 0;  ///< Passes of the last sweeps whose status word is unknown.
    std::optional<Progress> sweep;
    std::size_t echoes = 0;  ///< Pushes that only repeated what we had written.
  };

  ProviderWorker(Settings settings, Parts parts);

  MonoTime step() override;
  /// From any thread.
  Report report() const;
  const Settings& settings() const noexcept { return settings_; }

 private:
  struct Sweep {
    std::size_t index = 0;  ///< Into settings_.templates.
    std::unique_ptr<SweepSession> session;
    bool changes = false;  ///< Reads only what changed.
    std::int64_t number = 0;
    std::optional<PassesStore::Look> began;  ///< The first answer.
    unsigned tries = 0;                      ///< Of the present request.
    std::size_t unmapped = 0;
  };

  /// Within the rate limit, and heeding what the answer says of it. `look_` is its time.
  Result<HttpAnswer> ask(const HttpRequest& request);
  MonoTime next_appointment(MonoTime now) const;

  // Redemptions.
  void redeem(const Job& job);
  std::unique_ptr<RedeemSession> session_for(const Job& job, const RedemptionOrder& order) const;
  void settle(const Job& job, const RedeemStep& outcome, const Attempt& attempt);

  // Pushes.
  void look_into(const Job& job);
  std::optional<LookUpStep> look_up(const ProviderTemplate& of, const PassNames& pass,
                                    Attempt& attempt);

  // Sweeps.
  bool sweep_due(MonoTime now) const;
  void sweep();
  Status begin();
  Status number_sweep();
  Status take(const SweepStep& step);
  Status store(const PassPage& page);
  Status end(const LastPage& last);
  void next_template();
  void abandon(const Error& error);

  // All.
  void succeeded();
  /// @return When to go on.
  MonoTime failed(const Failure& failure);
  void disk_failed(const Error& error);

  Settings settings_;
  Parts parts_;
  Destination to_;
  Destination pushes_;
  TokenBucket bucket_;
  MonoTime quiet_until_;
  MonoTime sweeps_after_;  ///< The requests that are left are kept for redemptions.
  MonoTime next_round_;
  MonoTime round_began_;
  std::optional<Sweep> sweep_;
  std::optional<PassesStore::Look> look_;  ///< Of the last answer; absent: the time is not known.
  /// A first sweep is to say what the provider calls the passes; before that their
  /// uses cannot be recorded, so it goes before them.
  bool names_needed_ = false;
  unsigned failures_ = 0;         ///< In a row.
  unsigned others_in_a_row_ = 0;  ///< Turns of redemptions and pushes.
  unsigned sweeps_in_a_row_ = 0;
  Guarded<Report> report_;
};

}  // namespace passgate::sync
