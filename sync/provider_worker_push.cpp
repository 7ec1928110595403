// SPDX-License-Identifier: Apache-2.0
// The part of ProviderWorker that looks into pushes. A push says that something
// happened to a pass; what is true now is asked. Whatever goes wrong here, the
// next sweep sets right.
#include <algorithm>

#include "sync/provider/verdict.h"
#include "sync/provider_worker.h"
#include "sync/redemption.h"
#include "sync/webhook/push.h"

namespace passgate::sync {

namespace {

constexpr unsigned kMostLookUpExchanges = 4;
constexpr unsigned kMostTries = 8;

/// The pass as a template's `join` names it, and the template.
struct Place {
  ProviderTemplate of;
  std::string join_value;
};

std::string joined_by(const ProviderTemplate& of, const PassNames& pass) {
  if (of.join == "serial") return pass.serial;
  return of.join == "code" ? pass.code : pass.id;
}

/// Absent: nobody here asks for such a pass, or its name there is not known yet.
std::optional<Place> locate(const Push& push, const ProviderWorker::Settings& settings,
                            PassesStore& passes) {
  const auto& templates = settings.templates;
  const auto known =
      push.pass.id.empty()
          ? std::nullopt
          : passes.find_by_provider_id(settings.name, push.pass.id).value_or(std::nullopt);
  const std::string& name =
      push.pass_template.empty() && known ? known->pass_template : push.pass_template;
  auto of = std::ranges::find(templates, name, &ProviderTemplate::pass_template);
  // A push that names no template can only mean the one there is.
  if (name.empty() && templates.size() == 1) of = templates.begin();
  if (of == templates.end()) return std::nullopt;
  auto join_value = joined_by(*of, push.pass);
  if (join_value.empty() && known) join_value = known->join_value;
  return Place{*of, std::move(join_value)};
}

}  // namespace

/// Absent: the provider cannot be asked by these names, or we are to end.
std::optional<LookUpStep> ProviderWorker::look_up(const ProviderTemplate& of, const PassNames& pass,
                                                  Attempt& attempt) {
  const auto session = parts_.provider.look_up(of, pass);
  if (!session) return std::nullopt;
  LookUpStep step = session->start();
  for (unsigned i = 0; i < kMostLookUpExchanges; ++i) {
    const auto* request = std::get_if<HttpRequest>(&step);
    if (request == nullptr) break;
    const auto answer = ask(*request);
    if (!answer && answer.error().code() == Errc::stopped) return failure_of(answer.error());
    attempt.status = answer ? std::optional(answer->status) : std::nullopt;
    step = answer ? session->take(*answer, parts_.clock.now())
                  : LookUpStep(failure_of(answer.error()));
  }
  if (std::holds_alternative<HttpRequest>(step)) step = Failure{};
  return step;
}

void ProviderWorker::look_into(const Job& job) {
  Attempt attempt{.at = parts_.clock.now(), .took = {}, .status = {}, .error = {}};
  const auto finish = [&](const Status& stored) {
    const auto now = parts_.times.at(parts_.clock.monotonic());
    const auto done = stored ? parts_.outbox.finish(job, JobEnd::done, now, attempt) : stored;
    if (!done) disk_failed(done.error());
  };
  const auto push = push_from(job.body);
  const auto place = push ? locate(*push, settings_, parts_.passes) : std::nullopt;
  if (!place) return finish({});

  const auto& of = place->of;
  const bool others = !push->device.empty() && push->device != settings_.own_device;
  if (push->may_be_echo && !others) {
    const auto echo =
        parts_.outbox.take_echo(settings_.name, of.pass_template + "/" + place->join_value,
                                push->tap_id.empty() ? "" : redemption_event_id(push->tap_id));
    if (!echo) return disk_failed(echo.error());
    if (*echo) {
      report_.with([](Report& report) { ++report.echoes; });
      return finish({});
    }
  }
  const auto found = look_up(of, push->pass, attempt);
  if (const auto* failure = found ? std::get_if<Failure>(&*found) : nullptr) {
    if (failure->error.code() == Errc::stopped) return;
    attempt.error = std::string(name(failure->error.code()));
    if (failure->remedy == Remedy::give_up || job.attempts + 1 >= kMostTries) return finish({});
    const auto again = failed(*failure);
    const auto later = parts_.outbox.postpone(job, parts_.times.at(again), attempt);
    if (!later) disk_failed(later.error());
    return;
  }
  if (found) succeeded();
  const auto* row = found ? std::get_if<MirrorRow>(&*found) : nullptr;
  if (row != nullptr)
    return finish(parts_.passes.put(settings_.name, of.pass_template, *row, look_));
  // Gone, or a provider that can only tell.
  const bool voided = found.has_value() || push->told == gate::PassState::voided;
  if (!voided || place->join_value.empty()) return finish({});
  const auto called =
      parts_.passes.call_voided(settings_.name, of.pass_template, place->join_value, look_);
  finish(called ? Status{} : std::unexpected(called.error()));
}

}  // namespace passgate::sync
