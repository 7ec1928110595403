// SPDX-License-Identifier: Apache-2.0
#include "sync/core_metrics.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

std::string text(const Json& entry, const char* member) {
  const auto found = entry.find(member);
  return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// An empty one where there is none.
Json object(const Json& entry, const char* member) {
  const auto found = entry.find(member);
  return found != entry.end() && found->is_object() ? *found : Json::object();
}

/// {"deny/voided":3,…}; `zone` empty: of all readers.
void add_outcomes(MetricFamilies& families, const Json& outcomes, const std::string& zone) {
  for (const auto& [outcome, count] : outcomes.items()) {
    const auto slash = outcome.find('/');
    if (slash == std::string::npos || !count.is_number()) continue;
    MetricFamilies::Labels labels{{"decision", outcome.substr(0, slash)},
                                  {"reason", outcome.substr(slash + 1)}};
    if (zone.empty()) {
      families.counter("passgate_taps_total", "Taps since passgated began, by what became of them",
                       std::move(labels), count.get<double>());
      continue;
    }
    labels.push_back({"zone", zone});
    families.counter("passgate_zone_taps_total",
                     "Taps at a zone's readers since passgated began, by what became of them",
                     std::move(labels), count.get<double>());
  }
}

void add_acts(MetricFamilies& families, const Json& acts) {
  for (const auto& [kind, count] : acts.items()) {
    if (!count.is_number()) continue;
    families.counter("passgate_operator_acts_total",
                     "What operators did over the rules' heads, since passgated began",
                     {{"kind", kind}}, count.get<double>());
  }
}

/// [[upper edge in microseconds, how many took at most that], …]
void add_stage(MetricFamilies& families, const std::string& stage, const Json& times) {
  const auto buckets = times.find("buckets");
  if (buckets == times.end() || !buckets->is_array()) return;
  prometheus::ClientMetric::Histogram histogram;
  histogram.sample_count = static_cast<std::uint64_t>(number(times, "count"));
  histogram.sample_sum = number(times, "sum_us") / 1e6;
  for (const auto& bucket : *buckets) {
    if (!bucket.is_array() || bucket.size() != 2 || !bucket[0].is_number() ||
        !bucket[1].is_number_unsigned()) {
      return;
    }
    histogram.bucket.push_back({bucket[1].get<std::uint64_t>(), bucket[0].get<double>() / 1e6});
  }
  families.histogram("passgate_tap_stage_seconds", "Where the time of taps went",
                     {{"stage", stage}}, std::move(histogram));
}

void add_readers(MetricFamilies& families, const Json& status) {
  const auto readers = status.find("readers");
  if (readers == status.end() || !readers->is_array()) return;
  // Each state, also those no reader is in: a series that comes and goes cannot be watched.
  for (const char* state : {"idle", "in_tap", "unavailable", "stuck"}) {
    double count = 0;
    for (const auto& reader : *readers) count += text(reader, "state") == state ? 1 : 0;
    families.gauge("passgate_readers", "Readers by state", {{"state", state}}, count);
  }
}

void add_zones(MetricFamilies& families, const Json& status) {
  const auto zones = status.find("zones");
  if (zones == status.end() || !zones->is_array()) return;
  for (const auto& zone : *zones) {
    families.gauge("passgate_zone_inside", "People inside, by this terminal's readers",
                   {{"zone", text(zone, "zone")}}, number(zone, "inside"));
    if (!zone.contains("capacity")) continue;
    families.gauge("passgate_zone_capacity", "People whom the zone takes",
                   {{"zone", text(zone, "zone")}}, number(zone, "capacity"));
  }
}

}  // namespace

void add_core_metrics(MetricFamilies& families, const Json& status) {
  if (!status.is_object()) return;
  families.gauge("passgate_build_info", "Versions of the daemons",
                 {{"daemon", "passgated"}, {"version", text(status, "version")}}, 1);
  const auto taps = object(status, "taps");
  add_outcomes(families, object(taps, "outcomes"), "");
  const auto zones = object(taps, "zones");
  for (const auto& [zone, outcomes] : zones.items()) {
    if (outcomes.is_object()) add_outcomes(families, outcomes, zone);
  }
  add_acts(families, object(taps, "acts"));
  const auto stages = object(taps, "stages");
  for (const auto& [stage, times] : stages.items()) {
    add_stage(families, stage, times);
  }
  add_readers(families, status);
  add_zones(families, status);
  const auto conflicts = object(status, "conflicts");
  for (const auto& [kind, count] : conflicts.items()) {
    if (!count.is_number()) continue;
    families.counter("passgate_conflicts_total",
                     "Taps found too many when terminals met, since passgated began",
                     {{"kind", kind}}, count.get<double>());
  }
  const auto journal = object(status, "journal");
  families.gauge("passgate_journal_healthy", "Whether taps can be written down", {},
                 journal.contains("healthy") && journal["healthy"] == true ? 1 : 0);
  families.gauge("passgate_journal_last_position", "Of the last tap written", {},
                 number(journal, "last_position"));
  families.gauge("passgate_clock_synchronised", "Whether a time service disciplines the clock", {},
                 text(status, "clock") == "synchronised" ? 1 : 0);
}

}  // namespace passgate::sync
