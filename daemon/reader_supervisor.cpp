// SPDX-License-Identifier: Apache-2.0
#include "daemon/reader_supervisor.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <mutex>
#include <set>

#include "apdu/pcsc/context.h"
#include "daemon/reader_thread.h"

namespace passgate::daemon {
namespace {

/// A reader that comes between a listing and the wait goes unnoticed until the
/// wait ends, so that wait is short.
constexpr Milliseconds kListAgain{1000};

}  // namespace

/// The supervisor's work, shared by its thread and its owner; outlives the
/// supervisor when that thread is left behind.
class ReaderSupervisor::Readers {
 public:
  Readers(VisitorFactory factory, ReaderEvents report, ReaderTiming timing)
      : factory_(std::move(factory)), report_(std::move(report)), timing_(timing) {}

  void run(ThreadControl& control);
  std::size_t stop_all();
  std::vector<ReaderStatus> statuses() const;
  bool pcsc_available() const { return pcsc_available_.load(); }

 private:
  using Threads = std::map<std::string, std::unique_ptr<ReaderThread>>;

  Error watch(ThreadControl& control, const apdu::pcsc::Context& context);
  void follow(const std::vector<std::string>& listed);
  void add(const std::string& reader);
  void remove(Threads::node_type node);
  void note_stuck();
  void note_pcsc(bool available, std::optional<Error> why);
  void report(std::string_view what, const std::string& reader, std::optional<Error> why = {});

  VisitorFactory factory_;
  ReaderEvents report_;
  ReaderTiming timing_;
  std::atomic<bool> pcsc_available_ = false;
  // Used by the supervisor's thread only.
  std::optional<bool> reported_available_;
  std::set<std::string> not_ours_;
  std::set<std::string> stuck_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Threads threads_;
  std::vector<std::unique_ptr<ReaderThread>> left_behind_;
  bool closed_ = false;
};

void ReaderSupervisor::Readers::run(ThreadControl& control) {
  auto pause = timing_.first_pause;
  while (!control.stopping()) {
    std::optional<Error> why;
    if (const auto context = apdu::pcsc::Context::establish()) {
      control.waits_in(context->id());
      pause = timing_.first_pause;
      why = watch(control, *context);
      control.waits_in(0);
    } else {
      why = context.error();
    }
    if (control.stopping()) return;
    note_pcsc(false, why);
    note_stuck();
    control.pause(pause);
    pause = std::min(2 * pause, timing_.last_pause);
  }
}

Error ReaderSupervisor::Readers::watch(ThreadControl& control, const apdu::pcsc::Context& context) {
  while (!control.stopping()) {
    const auto listed = context.readers();
    if (!listed) return listed.error();
    note_pcsc(true, std::nullopt);
    follow(*listed);
    note_stuck();
    if (control.stopping()) break;
    const auto waited = context.wait_for_readers(std::min(kListAgain, timing_.wait));
    if (!waited) return waited.error();
  }
  return Error(Errc::stopped);
}

void ReaderSupervisor::Readers::follow(const std::vector<std::string>& listed) {
  const std::set<std::string> present(listed.begin(), listed.end());
  std::vector<Threads::node_type> gone;
  std::vector<std::string> fresh;
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return;  // left behind: the owner and the factory may be gone
    for (auto at = threads_.begin(); at != threads_.end();) {
      const auto next = std::next(at);
      if (!present.contains(at->first)) gone.push_back(threads_.extract(at));
      at = next;
    }
    std::ranges::copy_if(present, std::back_inserter(fresh), [this](const std::string& reader) {
      return !threads_.contains(reader) && !not_ours_.contains(reader);
    });
    std::erase_if(left_behind_, [](const auto& thread) { return thread->ended(); });
  }
  std::erase_if(not_ours_, [&](const auto& reader) { return !present.contains(reader); });
  for (auto& node : gone) remove(std::move(node));
  for (const auto& reader : fresh) add(reader);
}

void ReaderSupervisor::Readers::add(const std::string& reader) {
  auto visitor = factory_(reader);
  if (!visitor) {
    not_ours_.insert(reader);
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return;
    threads_.emplace(reader,
                     std::make_unique<ReaderThread>(reader, std::move(visitor), report_, timing_));
  }
  report("reader_added", reader);
}

void ReaderSupervisor::Readers::remove(Threads::node_type node) {
  const std::string& reader = node.key();
  stuck_.erase(reader);
  if (node.mapped()->stop()) {
    node.mapped().reset();  // and its visitor with it, before anybody hears of it
  } else {
    const std::scoped_lock lock(mutex_);
    left_behind_.push_back(std::move(node.mapped()));
  }
  report("reader_removed", reader);
}

void ReaderSupervisor::Readers::note_stuck() {
  for (const auto& status : statuses()) {
    const bool stuck = status.activity == ReaderActivity::stuck;
    if (stuck && stuck_.insert(status.pcsc_name).second) {
      report("reader_stuck", status.pcsc_name);
    } else if (!stuck && stuck_.erase(status.pcsc_name) > 0) {
      report("reader_unstuck", status.pcsc_name);
    }
  }
}

void ReaderSupervisor::Readers::note_pcsc(bool available, std::optional<Error> why) {
  pcsc_available_.store(available);
  const bool news = reported_available_ ? *reported_available_ != available : !available;
  reported_available_ = available;
  if (news) report(available ? "pcsc_available" : "pcsc_unavailable", {}, why);
}

void ReaderSupervisor::Readers::report(std::string_view what, const std::string& reader,
                                       std::optional<Error> why) {
  if (report_) report_({what, reader, why});
}

std::vector<ReaderStatus> ReaderSupervisor::Readers::statuses() const {
  const auto at = std::chrono::steady_clock::now();
  std::vector<ReaderStatus> all;
  const std::scoped_lock lock(mutex_);
  for (const auto& [reader, thread] : threads_) all.push_back(thread->status(at));
  return all;
}

std::size_t ReaderSupervisor::Readers::stop_all() {
  Threads threads;
  std::vector<std::unique_ptr<ReaderThread>> left_behind;
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    threads.swap(threads_);
    left_behind.swap(left_behind_);
  }
  for (auto& [reader, thread] : threads) thread->request_stop();
  const auto deadline = std::chrono::steady_clock::now() + timing_.stop_grace;
  std::size_t stuck = 0;
  for (auto& [reader, thread] : threads) stuck += thread->join_until(deadline) ? 0U : 1U;
  for (auto& thread : left_behind) stuck += thread->ended() ? 0U : 1U;
  return stuck;
}

ReaderSupervisor::ReaderSupervisor(VisitorFactory factory, ReaderEvents report, ReaderTiming timing)
    : timing_(timing),
      readers_(std::make_shared<Readers>(std::move(factory), std::move(report), timing)),
      thread_("readers", [readers = readers_](ThreadControl& control) { readers->run(control); }) {}

ReaderSupervisor::~ReaderSupervisor() {
  stop();
}

std::size_t ReaderSupervisor::stop() {
  thread_.request_stop();
  const bool out = thread_.join_until(std::chrono::steady_clock::now() + timing_.stop_grace);
  return readers_->stop_all() + (out ? 0U : 1U);
}

std::vector<ReaderStatus> ReaderSupervisor::readers() const {
  return readers_->statuses();
}

bool ReaderSupervisor::pcsc_available() const {
  return readers_->pcsc_available();
}

}  // namespace passgate::daemon
