// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "runtime/socket_server.h"
#include "sync/deliveries_service.h"
#include "sync/remote_keys.h"

namespace passgate::sync {

/// sync.sock: answers `{"type":"status"}`, `{"type":"metrics"}` (the Prometheus text
/// as "text"), what DeliveriesService knows, and what RemoteKeys has opened elsewhere;
/// anything else gets `{"type":"error","error":"bad_value"}`.
class StatusService final : public runtime::SocketServer::Service {
 public:
  /// @param status, metrics  Make the answers; called from the server's thread.
  /// @param deliveries, remote  Borrowed; outlive the service.
  StatusService(std::function<runtime::Message()> status, std::function<std::string()> metrics,
                DeliveriesService& deliveries, RemoteKeys& remote)
      : status_(std::move(status)),
        metrics_(std::move(metrics)),
        deliveries_(deliveries),
        remote_(remote) {}

  void on_message(runtime::SocketServer& server, std::size_t listener,
                  runtime::SocketServer::ClientId client, const runtime::Message& message) override;
  void on_closed(runtime::SocketServer::ClientId client) override { remote_.forget(client); }
  void on_wake(runtime::SocketServer& server) override;
  void on_drained(runtime::SocketServer&, runtime::SocketServer::ClientId) override {}

 private:
  std::function<runtime::Message()> status_;
  std::function<std::string()> metrics_;
  DeliveriesService& deliveries_;
  RemoteKeys& remote_;
};

}  // namespace passgate::sync
