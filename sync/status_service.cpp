// SPDX-License-Identifier: Apache-2.0
#include "sync/status_service.h"

namespace passgate::sync {

void StatusService::on_message(runtime::SocketServer& server, std::size_t /*listener*/,
                               runtime::SocketServer::ClientId client,
                               const runtime::Message& message) {
  const auto type = message.find("type");
  if (type != message.end() && *type == "status") {
    server.send(client, status_());
  } else if (type != message.end() && *type == "metrics") {
    server.send(client, {{"type", "metrics"}, {"text", metrics_()}});
  } else if (type != message.end() && *type == "open_remote") {
    if (const auto answer = remote_.ask(client, message)) server.send(client, *answer);
  } else if (type != message.end() && *type == "type") {
    if (const auto answer = till_.ask(client, message)) server.send(client, *answer);
  } else if (const auto answer = deliveries_.answer(message)) {
    server.send(client, *answer);
  } else {
    server.send(client, {{"type", "error"}, {"error", "bad_value"}});
  }
}

void StatusService::on_wake(runtime::SocketServer& server) {
  for (const auto& [client, answer] : remote_.take()) server.send(client, answer);
  if (const auto typed = till_.take()) server.send(typed->first, typed->second);
}

}  // namespace passgate::sync
