// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "runtime/socket_server.h"
#include "sync/deliveries_service.h"
#include "sync/remote_keys.h"
#include "sync/till_link.h"

namespace passgate::sync {

/// sync.sock: answers `{"type":"status"}`, `{"type":"metrics"}` (the Prometheus text
/// as "text"), what DeliveriesService knows, what RemoteKeys has opened elsewhere, and what
/// TillLink types; anything else gets `{"type":"error","error":"bad_value"}`.
class StatusService final : public runtime::SocketServer::Service {
 public:
  /// @param status, metrics  Make the answers; called from the server's thread.
  /// @param deliveries, remote, till  Borrowed; outlive the service.
  StatusService(std::function<runtime::Message()> status, std::function<std::string()> metrics,
                DeliveriesService& deliveries, RemoteKeys& remote, TillLink& till)
      : status_(std::move(status)),
        metrics_(std::move(metrics)),
        deliveries_(deliveries),
        remote_(remote),
        till_(till) {}

  void on_message(runtime::SocketServer& server, std::size_t listener,
                  runtime::SocketServer::ClientId client, const runtime::Message& message) override;
  void on_closed(runtime::SocketServer::ClientId client) override {
    remote_.forget(client);
    till_.forget(client);
  }
  void on_wake(runtime::SocketServer& server) override;
  void on_drained(runtime::SocketServer&, runtime::SocketServer::ClientId) override {}

 private:
  std::function<runtime::Message()> status_;
  std::function<std::string()> metrics_;
  DeliveriesService& deliveries_;
  RemoteKeys& remote_;
  TillLink& till_;
};

}  // namespace passgate::sync
