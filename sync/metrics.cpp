// SPDX-License-Identifier: Apache-2.0
#include "sync/metrics.h"

#include <algorithm>
#include <optional>

#include "sync/core_metrics.h"
#include "sync/metric_families.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;
using Labels = MetricFamilies::Labels;

/// Seconds since a time of the status message. Absent: there is none.
std::optional<double> age_of(const Json& entry, const char* name, WallTime now) {
  const auto found = entry.find(name);
  if (found == entry.end() || !found->is_string()) return std::nullopt;
  const auto time = from_rfc3339(found->get<std::string>());
  if (!time) return std::nullopt;
  return std::max(0.0, std::chrono::duration<double>(now - *time).count());
}

/// What a provider's and a subscriber's entry have in common.
void add_queue(MetricFamilies& families, const char* kind, const char* failed, const Json& entry,
               WallTime now) {
  const Labels labels{{"kind", kind}, {"destination", entry.value("name", "")}};
  families.gauge("passgate_destination_ok", "Whether the last exchange succeeded", labels,
                 entry.value("state", "") == "ok" ? 1 : 0);
  families.gauge("passgate_queue_jobs", "Waiting to be told", labels, number(entry, "queued"));
  families.gauge("passgate_queue_oldest_age_seconds", "Age of the oldest that waits; 0: none",
                 labels, age_of(entry, "oldest_queued", now).value_or(0));
  families.gauge("passgate_queue_failed_jobs", "Refused or given up, and kept", labels,
                 number(entry, failed));
  families.gauge("passgate_queue_ambiguous_jobs", "Nobody can say how often they were counted",
                 labels, number(entry, "ambiguous"));
}

void add_provider(MetricFamilies& families, const Json& entry, WallTime now) {
  const auto name = entry.value("name", "");
  for (const auto& of : entry.value("templates", Json::array())) {
    const Labels labels{{"provider", name}, {"template", of.value("template", "")}};
    // Absent until there is a first one: an age of 0 would look fresh.
    if (const auto age = age_of(of, "completed_at", now)) {
      families.gauge("passgate_mirror_age_seconds", "Since the last complete sweep", labels, *age);
    }
  }
  if (const auto sweep = entry.find("sweep"); sweep != entry.end()) {
    families.gauge("passgate_sweep_passes", "Passes the sweep under way has stored",
                   {{"provider", name}, {"template", sweep->value("template", "")}},
                   number(*sweep, "rows"));
  }
  families.counter("passgate_push_echoes_total", "Pushes that repeated our own writes",
                   {{"provider", name}}, number(entry, "echoes"));
  const auto pushes = entry.value("pushes", Json::object());
  for (const char* outcome : {"accepted", "duplicate", "ignored", "refused", "unstored"}) {
    if (!pushes.contains(outcome)) continue;
    families.counter("passgate_pushes_total", "Pushes that came in, by what became of them",
                     {{"provider", name}, {"outcome", outcome}}, number(pushes, outcome));
  }
}

void add_http(MetricFamilies& families, const HttpFigures& http) {
  for (const auto& [of, count] : http.requests) {
    families.counter("passgate_http_requests_total", "Answers over HTTP, by class of status",
                     {{"route", of.first}, {"code", of.second}}, static_cast<double>(count));
  }
  families.gauge("passgate_http_streams", "Screens that are watching", {},
                 static_cast<double>(http.streams));
}

}  // namespace

std::string metrics_text(const Json& status, WallTime now) {
  return metrics_text({.sync = status, .core = nullptr, .http = nullptr}, now);
}

std::string metrics_text(const MetricSources& from, WallTime now) {
  MetricFamilies families;
  families.gauge("passgate_core_connected", "Whether the journal is streamed", {},
                 from.sync.value("core", "") == "connected" ? 1 : 0);
  families.gauge("passgate_build_info", "Versions of the daemons",
                 {{"daemon", "passgate-syncd"}, {"version", from.sync.value("version", "")}}, 1);
  for (const auto& entry : from.sync.value("providers", Json::array())) {
    add_queue(families, "redemption", "refused", entry, now);
    add_provider(families, entry, now);
  }
  for (const auto& entry : from.sync.value("subscribers", Json::array())) {
    add_queue(families, "delivery", "dead", entry, now);
  }
  if (from.core != nullptr) add_core_metrics(families, *from.core);
  if (from.http != nullptr) add_http(families, *from.http);
  return families.text();
}

}  // namespace passgate::sync
