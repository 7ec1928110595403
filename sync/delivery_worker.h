// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/log.h"
#include "sync/http/http_client.h"
#include "sync/steady_wall.h"
#include "sync/store/outbox.h"
#include "sync/subscriber_link.h"
#include "sync/worker.h"

namespace passgate::sync {

/// Delivers a share of one subscriber's events: Standard Webhooks, one at a
/// time, the oldest due first; a failed one lets those of other passes go on. A
/// pass belongs to one worker, so its events stay in order however many work.
class DeliveryWorker final : public Worker {
 public:
  using Settings = SubscriberLink::Settings;
  /// Borrowed; outlive the worker.
  struct Parts {
    SubscriberLink& link;  ///< Of all the subscriber's workers.
    HttpClient& http;      ///< This worker's own.
    Outbox& outbox;
    const Clock& clock;
    const SteadyWall& times;
    const runtime::Log& log;
    Random random;
  };

  DeliveryWorker(Parts parts, Share share);

  MonoTime step() override;

 private:
  MonoTime ask();
  MonoTime deliver(const Job& job);
  HttpRequest request_for(const Job& job) const;
  void settle(const Job& job, const Result<HttpAnswer>& answer, Attempt attempt);
  void failed(const Job& job, const Result<HttpAnswer>& answer, const Attempt& attempt);
  void disable(const Job& job, const Attempt& attempt);
  void check(const Status& stored);

  Parts parts_;
  const Settings& settings_;  ///< Of the link.
  Destination to_;
  Share share_;
  MonoTime disk_rests_until_;
};

}  // namespace passgate::sync
