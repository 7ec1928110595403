// SPDX-License-Identifier: Apache-2.0
#include "sync/service/http_site.h"

#include <utility>

#include "sync/metrics.h"
#include "sync/service/problem.h"

namespace passgate::sync {

namespace {

constexpr Milliseconds kOpenBudget{2000};  // A reader elsewhere waits for it.
constexpr Milliseconds kAskBudget{1000};
constexpr Milliseconds kActBudget{3000};     // The disk may be slow, and a person waits.
constexpr Milliseconds kMergeBudget{10000};  // Each record that is new goes to the disk.

constexpr std::string_view kPushRoute = "/webhooks/{provider}";
constexpr std::string_view kDecryptRoute = "/v1/passes/{template}/decrypt";

LiveTaps::Settings live_settings(const runtime::Config& config) {
  LiveTaps::Settings settings;
  settings.core_sock = config.terminal.core_sock();
  for (const auto& reader : config.readers) settings.readers.push_back(reader.name);
  return settings;
}

std::vector<std::string> templates_of(const runtime::Config& config) {
  std::vector<std::string> all;
  for (const auto& pass : config.passes) {
    all.push_back(pass.name);
    all.push_back(pass.pass_template);
  }
  return all;
}

std::string_view route_of(const HttpAsk& ask) {
  if (PushRoute::serves(ask)) return kPushRoute;
  return DecryptRoute::serves(ask) ? kDecryptRoute : HttpRoutes::route_of(ask);
}

}  // namespace

HttpSite::HttpSite(const runtime::Config& config, std::vector<ClientTerms> clients,
                   std::vector<std::string> hosts, Parts parts, int stop_fd)
    : parts_(std::move(parts)),
      link_(config.terminal.core_sock()),
      access_(std::move(clients), std::move(hosts)),
      live_(live_settings(config),
            {.clock = parts_.clock, .log = parts_.log, .random = parts_.random}, stop_fd),
      decrypt_(access_, {.ask_core = core(kOpenBudget),
                         .templates = templates_of(config),
                         .clock = parts_.clock,
                         .log = parts_.log,
                         .nested = config.http && config.http->decrypt_errors == "nested"}),
      taps_({.ask_core = core(kAskBudget), .live = live_, .clock = parts_.clock}),
      acts_(core(kActBudget)),
      merges_(core(kMergeBudget)),
      passes_(core(kAskBudget)),
      deliveries_(parts_.deliveries),
      operations_({.ask_core = core(kAskBudget),
                   .live = live_,
                   .status = parts_.status,
                   .metrics = [this](const nlohmann::json& status) { return metrics(status); },
                   .readers = !config.readers.empty()}),
      routes_({.access = access_,
               .taps = taps_,
               .acts = acts_,
               .merges = merges_,
               .passes = passes_,
               .deliveries = deliveries_,
               .operations = operations_}) {}

AskCore HttpSite::core(Milliseconds budget) {
  return [this, budget](const nlohmann::json& question) { return link_.ask(question, budget); };
}

HttpReply HttpSite::answer(const HttpAsk& ask) {
  auto reply = PushRoute::serves(ask)      ? parts_.pushes.answer(ask)
               : DecryptRoute::serves(ask) ? decrypt_.answer(ask)
                                           : routes_.answer(ask);
  counts_.add(route_of(ask), reply.status);
  return reply;
}

HttpReply HttpSite::refuse(const HttpAsk& ask, int status, std::string_view detail) {
  counts_.add(route_of(ask), status);
  return DecryptRoute::serves(ask) ? decrypt_.refusal(status, detail) : problem(status, detail);
}

std::string HttpSite::metrics(const nlohmann::json& core_status) const {
  const HttpFigures figures{.requests = counts_.counts(), .streams = live_.watchers()};
  const auto status = parts_.status();
  return metrics_text({.sync = status, .core = &core_status, .http = &figures}, parts_.clock.now());
}

}  // namespace passgate::sync
