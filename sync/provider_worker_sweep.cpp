// SPDX-License-Identifier: Apache-2.0
// The sweeping half of ProviderWorker.
#include <fmt/format.h>

#include <algorithm>

#include "sync/provider/verdict.h"
#include "sync/provider_worker.h"

namespace passgate::sync {

namespace {

constexpr unsigned kTriesPerPage = 6;
constexpr std::chrono::seconds kShortestRest{1};  // Between rounds that take too long.

}  // namespace

bool ProviderWorker::sweep_due(MonoTime now) const {
  return !settings_.templates.empty() && (sweep_ || now >= next_round_);
}

Status ProviderWorker::number_sweep() {
  const auto number =
      parts_.passes.begin_sweep(settings_.name, settings_.templates[sweep_->index].pass_template);
  if (!number) return std::unexpected(number.error());
  sweep_->number = *number;
  return {};
}

void ProviderWorker::sweep() {
  if (!sweep_) {
    round_began_ = parts_.clock.monotonic();
    sweep_ = Sweep{};
  }
  if (!sweep_->session) {
    if (auto numbered = number_sweep(); !numbered) return disk_failed(numbered.error());
    sweep_->session = parts_.provider.sweep(settings_.templates[sweep_->index], "");
  }
  bucket_.spend(parts_.clock.monotonic());
  const auto answer = parts_.http.perform(sweep_->session->request());
  if (!answer && answer.error().code() == Errc::stopped) return;
  const auto step = answer ? sweep_->session->take(*answer, parts_.clock.now())
                           : SweepStep(failure_of(answer.error()));
  if (const auto taken = take(step); !taken) {
    disk_failed(taken.error());
    abandon(taken.error());
  }
}

Status ProviderWorker::take(const SweepStep& step) {
  const auto& of = settings_.templates[sweep_->index];
  if (const auto* failure = std::get_if<Failure>(&step)) {
    if (failure->remedy == Remedy::give_up) {
      succeeded();
      abandon(failure->error);
    } else {
      failed(*failure);
      if (++sweep_->tries >= kTriesPerPage) abandon(failure->error);
    }
    return {};
  }
  succeeded();
  sweep_->tries = 0;
  if (const auto* page = std::get_if<PassPage>(&step)) return store(*page);
  // Under a new number, what was seen so far does not count.
  if (std::holds_alternative<StartOver>(step)) return number_sweep();
  const auto& last = std::get<LastPage>(step);
  if (auto stored = store(last.page); !stored) return stored;
  const auto done = parts_.passes.complete(settings_.name, of.pass_template, sweep_->number,
                                           last.distinct, parts_.clock.now());
  if (!done && done.error().code() != Errc::out_of_sequence) return done;
  if (!done) {
    abandon(Error(Errc::bad_reply));  // A pass was listed twice, so another was not.
    return {};
  }
  next_template();
  return {};
}

Status ProviderWorker::store(const PassPage& page) {
  sweep_->unmapped += page.unmapped;
  return parts_.passes.add(settings_.name, settings_.templates[sweep_->index].pass_template,
                           sweep_->number, page.rows);
}

void ProviderWorker::abandon(const Error& error) {
  parts_.log(runtime::Level::warning, "sweep broke off; the mirror stays as it was", error,
             {{"provider", settings_.name},
              {"template", settings_.templates[sweep_->index].pass_template}});
  report_.with([&](Report& report) {
    report.last_error = std::string(name(error.code()));
    report.last_status = error.detail();
  });
  next_template();
}

void ProviderWorker::next_template() {
  const auto index = sweep_->index + 1;
  const auto unmapped = sweep_->unmapped;
  if (index < settings_.templates.size()) {
    sweep_ = Sweep{};
    sweep_->index = index;
    sweep_->unmapped = unmapped;
    return;
  }
  sweep_.reset();
  next_round_ = std::max(round_began_ + settings_.refresh,
                         parts_.clock.monotonic() + MonoTime::duration(kShortestRest));
  report_.with([&](Report& report) { report.unmapped = unmapped; });
  if (unmapped > 0) {
    parts_.log(runtime::Level::warning, "passes with a status no map knows count as unknown",
               {{"provider", settings_.name}, {"passes", fmt::format("{}", unmapped)}});
  }
}

}  // namespace passgate::sync
