// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <microhttpd.h>

#include <functional>
#include <optional>
#include <string>

#include "sync/service/connection_watch.h"
#include "sync/service/http_face.h"
#include "sync/service/problem.h"

namespace passgate::sync {

/// One request on its way in, fed by libmicrohttpd on its own thread. What can
/// be refused is refused as early as the peer can still be told.
class HttpExchange {
 public:
  /// @param raw_target  As it came; borrowed for the call only.
  HttpExchange(const HttpFace::Limits& limits, std::string_view raw_target)
      : limits_(limits), raw_target_(raw_target) {}

  /// libmicrohttpd's access handler: called with the head, with every piece of
  /// the body, and at its end.
  MHD_Result step(MHD_Connection* connection, const char* method, std::string_view piece,
                  std::size_t& unread, ConnectionWatch& watch, const HttpFace::Handler& handler);

 private:
  MHD_Result begin(MHD_Connection* connection, const char* method, ConnectionWatch& watch);
  MHD_Result receive(std::string_view piece);
  std::optional<HttpReply> refusal_of_head(bool one_too_many);

  const HttpFace::Limits& limits_;
  std::string raw_target_;
  HttpAsk ask_;
  std::size_t received_ = 0;
  bool begun_ = false;
  bool refused_ = false;
};

/// The entry of `connection` in the table that ConnectionWatch keeps.
ConnectionWatch::Connection& watched(MHD_Connection* connection);

}  // namespace passgate::sync
