// SPDX-License-Identifier: Apache-2.0
#include "sync/job_plan.h"

#include "sync/events.h"
#include "sync/redemption.h"

namespace passgate::sync {

namespace {

/// Order is owed within one pass. What no key opened is nobody's pass: such
/// taps must not queue behind each other.
std::string pass_key_of(const gate::TapRecord& record) {
  return record.pass_id.empty() ? record.tap_id.text() : subject_of(record);
}

void plan(const gate::TapRecord& record, const Routes& routes, std::vector<NewJob>& jobs) {
  const auto key = pass_key_of(record);
  for (const auto& event : events_of(record)) {
    for (const auto& subscriber : routes.subscribers) {
      if (!subscriber.events.contains(event.type)) continue;
      jobs.push_back({.to = {JobKind::delivery, subscriber.name},
                      .pass_key = key,
                      .event_id = event.id,
                      .body = event.body,
                      .position = record.position});
    }
  }
  if (record.use_no && !record.pass_id.empty() &&
      routes.redeeming_providers.contains(record.provider)) {
    jobs.push_back({.to = {JobKind::redemption, record.provider},
                    .pass_key = key,
                    .event_id = redemption_event_id(record.tap_id.text()),
                    .body = redemption_body(record),
                    .position = record.position});
  }
}

}  // namespace

std::vector<NewJob> jobs_of(std::span<const gate::TapRecord> records, const Routes& routes) {
  std::vector<NewJob> jobs;
  for (const auto& record : records) plan(record, routes, jobs);
  return jobs;
}

}  // namespace passgate::sync
