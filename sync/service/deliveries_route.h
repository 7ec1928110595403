// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/deliveries_service.h"
#include "sync/service/route_ask.h"

namespace passgate::sync {

/// What is or was owed to clouds and subscribers, over HTTP. Any thread.
class DeliveriesRoute {
 public:
  explicit DeliveriesRoute(DeliveriesService& service) : service_(service) {}

  /// GET /v1/deliveries
  HttpReply list(const RouteAsk& ask) const;
  /// GET /v1/deliveries/{id}
  HttpReply one(const RouteAsk& ask) const;
  /// POST /v1/deliveries/{id}/redeliver
  HttpReply redeliver(const RouteAsk& ask) const;

 private:
  DeliveriesService& service_;
};

}  // namespace passgate::sync
