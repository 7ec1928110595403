// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <microhttpd.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sync/service/connection_watch.h"
#include "sync/service/http_face.h"
#include "sync/service/open_streams.h"
#include "sync/service/problem.h"

namespace passgate::sync {

/// One request on its way in, fed by libmicrohttpd on its own thread. What can
/// be refused is refused as early as the peer can still be told.
class HttpExchange {
 public:
  /// What all exchanges share; borrowed, and any thread may use it.
  struct Surroundings {
    const HttpFace::Limits& limits;
    const HttpFace::Handler& handler;
    const HttpFace::Refuse& refuse;
    ConnectionWatch& watch;
    OpenStreams& streams;
  };
  /// @param raw_target  As it came; borrowed for the call only.
  HttpExchange(const Surroundings& around, std::string_view raw_target)
      : around_(around), raw_target_(raw_target) {}

  /// libmicrohttpd's access handler: called with the head, with every piece of
  /// the body, and at its end.
  MHD_Result step(MHD_Connection* connection, const char* method, std::string_view piece,
                  std::size_t& unread);

 private:
  MHD_Result begin(MHD_Connection* connection, const char* method);
  MHD_Result receive(MHD_Connection* connection, std::string_view piece);
  MHD_Result answer(MHD_Connection* connection);
  std::optional<HttpReply> refusal_of_head(bool one_too_many);
  std::optional<HttpReply> refusal_of_length();
  HttpReply refuse(int status, std::string_view detail) const;
  HttpReply too_large() const;

  const Surroundings& around_;
  std::string raw_target_;
  HttpAsk ask_;
  std::size_t received_ = 0;
  bool begun_ = false;
  bool refused_ = false;
  bool told_ = false;  ///< The refusal has gone out, in the middle of the body.
};

/// The entry of `connection` in the table that ConnectionWatch keeps.
ConnectionWatch::Connection& watched(MHD_Connection* connection);

}  // namespace passgate::sync
