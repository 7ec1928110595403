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
  return !settings_.templates.empty() && now >= sweeps_after_ && (sweep_ || now >= next_round_);
}

Status ProviderWorker::number_sweep() {
  const auto number =
      parts_.passes.begin_sweep(settings_.name, settings_.templates[sweep_->index].pass_template);
  if (!number) return std::unexpected(number.error());
  sweep_->number = *number;
  report_.with([](Report& report) {
    if (report.sweep) report.sweep->rows = 0;
  });
  return {};
}

/// What changed, when everything was seen not long ago; where a sweep was cut
/// off, its rest; else everything. Without a session: the provider has no list.
Status ProviderWorker::begin() {
  const auto& of = settings_.templates[sweep_->index];
  const auto history = parts_.passes.history(settings_.name, of.pass_template);
  if (!history) return std::unexpected(history.error());
  const auto now = parts_.clock.now();
  // A clock that was set back makes the last full sweep lie ahead: see all again.
  const bool seen_all = history->full_at && *history->full_at <= now &&
                        now - *history->full_at < settings_.full_refresh;
  const auto& last = history->last;
  sweep_->number = last.number;
  std::size_t rows = 0;
  if (last.checkpoint.empty() && seen_all && !history->since.empty()) {
    sweep_->session = parts_.provider.changes(of, history->since);
    sweep_->changes = sweep_->session != nullptr;
  }
  if (!sweep_->session) {
    sweep_->session = parts_.provider.sweep(of, last.checkpoint);
    rows = last.rows;
    if (sweep_->session && last.checkpoint.empty()) {
      rows = 0;
      if (auto numbered = number_sweep(); !numbered) return numbered;
    }
  }
  if (!sweep_->session) return {};
  report_.with([&](Report& report) {
    report.sweep =
        Progress{.pass_template = of.pass_template, .rows = rows, .total = {}, .since = now};
  });
  return {};
}

void ProviderWorker::sweep() {
  if (!sweep_) {
    round_began_ = parts_.clock.monotonic();
    sweep_ = Sweep{};
  }
  if (!sweep_->session) {
    if (auto begun = begin(); !begun) return disk_failed(begun.error());
    if (!sweep_->session) return next_template();
  }
  const auto answer = ask(sweep_->session->request());
  if (!answer && answer.error().code() == Errc::stopped) return;
  if (!sweep_->began) sweep_->began = look_;
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
      // The next one begins at the first page: what led here may be our place.
      if (auto forgotten = parts_.passes.forget_place(settings_.name, of.pass_template);
          !forgotten) {
        return forgotten;
      }
      abandon(failure->error);
      return {};
    }
    failed(*failure);
    if (++sweep_->tries >= kTriesPerPage) abandon(failure->error);
    return {};
  }
  succeeded();
  sweep_->tries = 0;
  if (const auto* page = std::get_if<PassPage>(&step)) return store(*page);
  // Under a new number, what was seen so far does not count.
  if (std::holds_alternative<StartOver>(step)) return number_sweep();
  return end(std::get<LastPage>(step));
}

Status ProviderWorker::end(const LastPage& last) {
  const auto& of = settings_.templates[sweep_->index];
  if (auto stored = store(last.page); !stored) return stored;
  const auto now = parts_.clock.now();
  if (sweep_->changes) {
    auto noted =
        parts_.passes.refreshed(settings_.name, of.pass_template, now, last.since, sweep_->began);
    if (noted) next_template();
    return noted;
  }
  const auto done = parts_.passes.complete(settings_.name, of.pass_template, sweep_->number,
                                           last.distinct, now, last.since, look_);
  if (!done && done.error().code() != Errc::out_of_sequence) return done;
  if (!done) {
    // A pass was listed twice, so another was not.
    if (auto forgotten = parts_.passes.forget_place(settings_.name, of.pass_template); !forgotten) {
      return forgotten;
    }
    abandon(Error(Errc::bad_reply));
    return {};
  }
  next_template();
  // Uses of passes that had no name yet.
  return parts_.outbox.bring_forward(to_, name(Errc::not_listed),
                                     parts_.times.at(parts_.clock.monotonic()));
}

Status ProviderWorker::store(const PassPage& page) {
  sweep_->unmapped += page.unmapped;
  report_.with([&](Report& report) {
    if (!report.sweep) return;
    report.sweep->rows += page.rows.size();
    if (page.total) report.sweep->total = page.total;
  });
  return parts_.passes.add(settings_.name, settings_.templates[sweep_->index].pass_template,
                           sweep_->number, page.rows, sweep_->changes ? "" : page.checkpoint,
                           look_);
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
  report_.with([](Report& report) { report.sweep.reset(); });
  if (index < settings_.templates.size()) {
    sweep_ = Sweep{};
    sweep_->index = index;
    sweep_->unmapped = unmapped;
    return;
  }
  sweep_.reset();
  names_needed_ = false;  // If it was in vain, the next round's turn comes as always.
  next_round_ = std::max(round_began_ + settings_.refresh,
                         parts_.clock.monotonic() + MonoTime::duration(kShortestRest));
  report_.with([&](Report& report) { report.unmapped = unmapped; });
  if (unmapped > 0) {
    parts_.log(runtime::Level::warning, "passes with a status no map knows count as unknown",
               {{"provider", settings_.name}, {"passes", fmt::format("{}", unmapped)}});
  }
}

}  // namespace passgate::sync
