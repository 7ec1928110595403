// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/guarded.h"
#include "core/secret.h"
#include "runtime/log.h"
#include "sync/http/http_client.h"
#include "sync/steady_wall.h"
#include "sync/store/outbox.h"
#include "sync/worker.h"

namespace passgate::sync {

/// Delivers one subscriber's events: Standard Webhooks, one at a time, the
/// oldest due first; a failed one lets those of other passes go on.
class DeliveryWorker final : public Worker {
 public:
  struct Settings {
    std::string name;
    std::string url;
    std::vector<SecretBytes> keys;  ///< Decoded (webhook_key); signed with each.
    std::optional<SecretBytes> bearer;
    Milliseconds retry_base{10000};
  };
  /// Borrowed; outlive the worker.
  struct Parts {
    HttpClient& http;
    Outbox& outbox;
    const Clock& clock;
    const SteadyWall& times;
    const runtime::Log& log;
    Random random;
  };
  struct Report {
    bool disabled = false;  ///< The subscriber answered 410; until the restart.
    std::optional<int> last_status;
    std::string last_error;  ///< Errc name of the last attempt; empty: it succeeded.
  };

  DeliveryWorker(Settings settings, Parts parts);

  MonoTime step() override;
  /// From any thread.
  Report report() const;
  const std::string& name() const noexcept { return to_.name; }

 private:
  HttpRequest request_for(const Job& job) const;
  void settle(const Job& job, const Result<HttpAnswer>& answer, Attempt attempt);
  void failed(const Job& job, const Result<HttpAnswer>& answer, const Attempt& attempt);
  void disable(const Job& job, const Attempt& attempt);
  void check(const Status& stored);

  Settings settings_;
  Parts parts_;
  Destination to_;
  MonoTime quiet_until_;
  bool disabled_ = false;
  bool was_unreachable_ = false;
  Guarded<Report> report_;
};

}  // namespace passgate::sync
