// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/config.h"
#include "sync/core_link.h"
#include "sync/service/access.h"
#include "sync/service/decrypt_route.h"
#include "sync/service/http_counts.h"
#include "sync/service/http_routes.h"
#include "sync/service/live_taps.h"
#include "sync/service/push_route.h"

namespace passgate::sync {

/// All that passgate-syncd answers over HTTP: which route a request is for, and
/// what the routes share. Any thread, but for run().
class HttpSite {
 public:
  /// Borrowed; outlive the site.
  struct Parts {
    PushRoute& pushes;
    DeliveriesService& deliveries;
    std::function<nlohmann::json()> status;  ///< Of passgate-syncd.
    const Clock& clock;
    const runtime::Log& log;
    Random random;
  };
  /// @param stop_fd  Borrowed; becomes readable when it is time to end.
  HttpSite(const runtime::Config& config, std::vector<ClientTerms> clients,
           std::vector<std::string> hosts, Parts parts, int stop_fd);

  void run() { live_.run(); }  ///< Follows passgated until `stop_fd` is readable.

  HttpReply answer(const HttpAsk& ask);
  /// What the face refuses, as the route it is for would.
  HttpReply refuse(const HttpAsk& ask, int status, std::string_view detail);
  /// With what passgated said of itself last; asks nobody.
  std::string metrics() const { return metrics(live_.status()); }

 private:
  std::string metrics(const nlohmann::json& core_status) const;
  AskCore core(Milliseconds budget);

  Parts parts_;
  CoreLink link_;
  Access access_;
  LiveTaps live_;
  DecryptRoute decrypt_;
  TapsRoute taps_;
  ActsRoute acts_;
  MergeRoute merges_;
  PassesRoute passes_;
  DeliveriesRoute deliveries_;
  OperationsRoute operations_;
  HttpRoutes routes_;
  HttpCounts counts_;
};

}  // namespace passgate::sync
