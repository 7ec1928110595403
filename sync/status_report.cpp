// SPDX-License-Identifier: Apache-2.0
#include "sync/status_report.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

template <class T, class F>
Json or_null(const std::optional<T>& value, F&& show) {
  return value ? Json(show(*value)) : Json(nullptr);
}

void add_backlog(Json& entry, Outbox& outbox, const Destination& to, const char* failed_name) {
  const auto backlog = outbox.backlog(to);
  if (!backlog) {
    entry["error"] = name(backlog.error().code());
    return;
  }
  entry["queued"] = backlog->open;
  entry[failed_name] = backlog->failed;
  entry["ambiguous"] = backlog->ambiguous;
  entry["oldest_queued"] = or_null(backlog->oldest_open, to_rfc3339);
}

}  // namespace

Json status_of(const ProviderWorker& worker, std::string_view kind, Outbox& outbox,
               PassesStore& passes) {
  const auto& settings = worker.settings();
  const auto report = worker.report();
  Json entry{{"name", settings.name}, {"kind", kind}, {"unmapped", report.unmapped}};
  entry["state"] = report.paused ? "paused" : report.last_error.empty() ? "ok" : "failing";
  entry["last_error"] = report.last_error;
  entry["last_status"] = report.last_status == 0 ? Json(nullptr) : Json(report.last_status);
  add_backlog(entry, outbox, {JobKind::redemption, settings.name}, "refused");
  entry["echoes"] = report.echoes;
  if (const auto& sweep = report.sweep) {
    entry["sweep"] = {{"template", sweep->pass_template},
                      {"rows", sweep->rows},
                      {"total", or_null(sweep->total, [](std::size_t total) { return total; })},
                      {"since", to_rfc3339(sweep->since)}};
  }
  entry["templates"] = Json::array();
  for (const auto& of : settings.templates) {
    const auto completed = passes.completed_at(settings.name, of.pass_template);
    entry["templates"].push_back(
        {{"template", of.pass_template},
         {"completed_at", completed ? or_null(*completed, to_rfc3339) : Json(nullptr)}});
  }
  return entry;
}

Json status_of(const PushCounts& counts) {
  return {{"accepted", counts.accepted},
          {"duplicate", counts.duplicate},
          {"ignored", counts.ignored},
          {"refused", counts.refused},
          {"unstored", counts.unstored},
          {"last_refusal", or_null(counts.last_refusal, [](Errc code) { return name(code); })}};
}

Json status_of(const SubscriberLink& link, Outbox& outbox, MonoTime now) {
  const auto report = link.report(now);
  const auto& subscriber = link.settings().name;
  Json entry{{"name", subscriber}, {"last_error", report.last_error}};
  entry["state"] = report.disabled             ? "disabled"
                   : report.without_consent    ? "waiting for consent"
                   : report.last_error.empty() ? "ok"
                                               : "failing";
  entry["last_status"] = or_null(report.last_status, [](int status) { return status; });
  add_backlog(entry, outbox, {JobKind::delivery, subscriber}, "dead");
  return entry;
}

}  // namespace passgate::sync
