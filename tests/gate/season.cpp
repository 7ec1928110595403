// SPDX-License-Identifier: Apache-2.0
#include "tests/gate/season.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

#include "tests/gate/sample_taps.h"

namespace passgate::gate {
namespace {

using std::chrono::days;

constexpr int kGuests = 6;
constexpr days kKeep{400};
constexpr days kLongAgo{500};

WallTime closing_time() {
  return evening() + std::chrono::hours(1);
}

std::string integrity(const std::filesystem::path& journal) {
  try {
    SQLite::Database database(journal.string(), SQLite::OPEN_READWRITE);
    SQLite::Statement check(database, "PRAGMA integrity_check");
    return check.executeStep() ? check.getColumn(0).getString() : "no answer";
  } catch (const SQLite::Exception& exception) {
    return exception.what();
  }
}

bool same_but_effect(TapRecord a, const TapRecord& b) {
  a.effected = b.effected;
  return a == b;
}

}  // namespace

Season::Season(std::uint64_t seed) : random_(seed) {
  for (int guest = 0; guest < kGuests; ++guest) {
    for (int visit = 0; visit < 3; ++visit) visits_.push_back("guest-" + std::to_string(guest));
  }
  std::ranges::shuffle(visits_, random_);
}

bool Season::play(Journal& journal) {
  for (; next_visit_ < visits_.size(); ++next_visit_) {
    if (random_() % 4 == 0 && !note_old_tap(journal)) return false;
    if (!present(journal, visits_[next_visit_])) return false;
  }
  return true;
}

bool Season::present(Journal& journal, const std::string& pass_id) {
  const auto history = history_in(journal, kTemplate, pass_id);
  if (!history) return false;
  Belief no_provider;
  no_provider.knowledge = Belief::Knowledge::no_provider;
  const Verdict verdict = decide({}, {}, no_provider, *history);
  TapRecord record = tap(++taps_, pass_id, verdict.use_no);
  in_doubt_[record.tap_id] = record;
  const auto position = journal.record(record, Remember{digest(taps_), closing_time()});
  if (!position) return false;
  acknowledged_ = said_acknowledged_;  // What came before a record is as durable as it.
  in_doubt_.erase(record.tap_id);
  record.position = *position;
  promised_[record.tap_id] = record;
  if (verdict.decision == Decision::admit) ++shown_[pass_id];
  return chores(journal, record);
}

/// A refusal of long ago, as a journal is full of: housekeeping may delete it.
bool Season::note_old_tap(Journal& journal) {
  TapRecord record = tap(++taps_, "long-gone", std::nullopt);
  record.at -= kLongAgo;
  in_doubt_[record.tap_id] = record;
  const auto position = journal.record(record, std::nullopt);
  if (!position) return false;
  acknowledged_ = said_acknowledged_;  // What came before a record is as durable as it.
  in_doubt_.erase(record.tap_id);
  record.position = *position;
  promised_[record.tap_id] = record;
  return true;
}

bool Season::chores(Journal& journal, const TapRecord& record) {
  if (random_() % 3 != 0) {
    effected_.insert(record.tap_id);
    if (!journal.mark_effected(record.tap_id)) return false;
  }
  if (random_() % 5 == 0) {
    tried_acknowledging_ = record.position;
    if (!journal.acknowledge(record.position)) return false;
    said_acknowledged_ = record.position;
  }
  return random_() % 5 != 0 || journal.housekeep(evening(), kKeep).has_value();
}

void Season::check_records(const std::vector<TapRecord>& records,
                           std::vector<std::string>& broken) const {
  std::map<TapId, TapRecord> found;
  std::map<std::string, int> admissions;
  for (const TapRecord& record : records) {
    found[record.tap_id] = record;
    if (record.use_no && ++admissions[record.pass_id] > 1) {
      broken.push_back("admitted twice: " + record.pass_id);
    }
    if (record.effected && !effected_.contains(record.tap_id)) {
      broken.push_back("effect guessed: " + record.tap_id.text());
    }
    const auto doubt = in_doubt_.find(record.tap_id);
    if (!promised_.contains(record.tap_id) && doubt == in_doubt_.end()) {
      broken.push_back("invented: " + record.tap_id.text());
    }
  }
  for (const auto& [id, record] : promised_) {
    const bool deletable = record.at < evening() - kKeep && record.position <= tried_acknowledging_;
    const auto there = found.find(id);
    if (there == found.end() && !deletable) broken.push_back("lost: " + id.text());
    if (there != found.end() && !same_but_effect(there->second, record)) {
      broken.push_back("changed: " + id.text());
    }
  }
}

std::vector<std::string> Season::broken_promises(const std::filesystem::path& path) {
  std::vector<std::string> broken;
  const std::string sound = integrity(path);
  if (sound != "ok") broken.push_back("integrity: " + sound);
  auto journal = Journal::open({.path = path, .vfs = {}});
  if (!journal) {
    broken.push_back("does not open: " + std::string(name(journal.error().code())));
    return broken;
  }
  const auto records = journal->read_after(0, 10'000);
  if (!records) {
    broken.emplace_back("cannot be read");
    return broken;
  }
  check_records(*records, broken);
  for (const auto& [id, record] : promised_) {
    if (record.pass_id == "long-gone") continue;
    const auto n = static_cast<std::uint64_t>((record.at - evening()).count());
    if (!journal->seen(digest(n), evening()).value_or(false)) {
      broken.push_back("cryptogram forgotten: " + id.text());
    }
  }
  const auto acknowledged = journal->acknowledged().value_or(0);
  if (acknowledged < acknowledged_ || acknowledged > tried_acknowledging_) {
    broken.push_back("acknowledged: " + std::to_string(acknowledged));
  }
  said_acknowledged_ = acknowledged;  // What the cut lost is to be said again.
  const auto last = journal->last_position().value_or(0);
  if (std::ranges::any_of(promised_, [&](const auto& p) { return p.second.position > last; })) {
    broken.push_back("positions start again from " + std::to_string(last));
  }
  return broken;
}

std::vector<std::string> Season::miscounts(Journal& journal) const {
  std::vector<std::string> wrong;
  for (int guest = 0; guest < kGuests; ++guest) {
    const std::string pass_id = "guest-" + std::to_string(guest);
    const auto history = history_in(journal, kTemplate, pass_id);
    if (!history || history->uses != 1) wrong.push_back("uses of " + pass_id);
    const auto lamp = shown_.find(pass_id);
    const int lamps = lamp == shown_.end() ? 0 : lamp->second;
    // A cut between journal and lamp may cost one guest the lamp, never give two.
    const bool excused = std::ranges::any_of(in_doubt_, [&](const auto& doubt) {
      return doubt.second.pass_id == pass_id && doubt.second.use_no;
    });
    if (lamps > 1 || (lamps == 0 && !excused)) {
      wrong.push_back(std::to_string(lamps) + " green lamps for " + pass_id);
    }
  }
  return wrong;
}

}  // namespace passgate::gate
