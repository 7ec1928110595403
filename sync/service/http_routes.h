// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "sync/service/access.h"
#include "sync/service/acts_route.h"
#include "sync/service/deliveries_route.h"
#include "sync/service/http_message.h"
#include "sync/service/merge_route.h"
#include "sync/service/operations_route.h"
#include "sync/service/passes_route.h"
#include "sync/service/taps_route.h"

namespace passgate::sync {

/// Our own routes (docs/http.md): who may ask, then what is there. The pushes of
/// the clouds and the decryption service are not among them; they have their own
/// proof and their own words. Any thread.
class HttpRoutes {
 public:
  /// Routes and access are borrowed; they outlive the object.
  struct Parts {
    const Access& access;
    const TapsRoute& taps;
    const ActsRoute& acts;
    const MergeRoute& merges;
    const PassesRoute& passes;
    const DeliveriesRoute& deliveries;
    const OperationsRoute& operations;
  };
  explicit HttpRoutes(const Parts& parts) : parts_(parts) {}

  HttpReply answer(const HttpAsk& ask) const;
  /// What `ask` is for, as docs/http.md writes it: "/v1/deliveries/{id}"; "none".
  static std::string_view route_of(const HttpAsk& ask);

 private:
  /// Who, besides a client with the role.
  enum class Door : std::uint8_t {
    health,   ///< Any client, and anybody on this machine.
    screen,   ///< display, operate, and anybody on this machine.
    metrics,  ///< metrics, operate.
    operate,
  };
  struct Route {
    std::string_view path;
    std::string_view method;
    Door door;
    HttpReply (*answer)(const Parts& parts, const RouteAsk& ask);
  };
  static std::span<const Route> routes();
  static HttpReply screen(const Parts& parts, const RouteAsk& ask);
  /// The one for its method; else the first for its path.
  static const Route* find(const HttpAsk& ask);
  static HttpReply wrong_method(const HttpAsk& ask);
  static bool may_enter(Door door, const Client* client, bool local);

  Parts parts_;
};

}  // namespace passgate::sync
