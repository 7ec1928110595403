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

/// What the provider is to be told: a use, or that one is to be taken back.
void plan_redemption(const gate::TapRecord& record, const Routes& routes,
                     std::vector<NewJob>& jobs) {
  if (record.pass_id.empty() || !routes.redeeming_providers.contains(record.provider)) return;
  NewJob job{.to = {JobKind::redemption, record.provider},
             .pass_key = pass_key_of(record),
             .event_id = {},
             .body = {},
             .position = record.position};
  if (record.use_no) {
    job.event_id = redemption_event_id(record.tap_id.text());
    job.body = redemption_body(record);
  } else if (record.kind == gate::Kind::undo && record.refers) {
    const auto tap = record.refers->text();
    job.event_id = undo_event_id(tap);
    job.body = undo_body_of(record);
    job.takes_back = redemption_event_id(tap);
  } else {
    return;
  }
  jobs.push_back(std::move(job));
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
  plan_redemption(record, routes, jobs);
}

}  // namespace

std::vector<NewJob> jobs_of(std::span<const gate::TapRecord> records, const Routes& routes) {
  std::vector<NewJob> jobs;
  for (const auto& record : records) plan(record, routes, jobs);
  return jobs;
}

}  // namespace passgate::sync
