// SPDX-License-Identifier: Apache-2.0
#include "daemon/meeting.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "gate/conflict_news.h"
#include "runtime/largest_party.h"

namespace passgate::daemon {
namespace {

using namespace std::chrono_literals;
using gate::Conflict;
using gate::TapRecord;
using nlohmann::json;

constexpr Milliseconds kAnswerBudget = 1s;
constexpr std::size_t kPassesAtOnce = 64;
// What another terminal tells is bounded as what this one writes would be.
constexpr std::size_t kLongestName = 256;
constexpr std::size_t kMostPassIdBytes = 128;
constexpr std::size_t kLongestWhy = 2048;
constexpr unsigned kLargestParty = 10'000;
static_assert(kLargestParty >= runtime::kLargestParty);
constexpr unsigned kLargestUse = 1'000'000'000;
constexpr Milliseconds kLargestError = std::chrono::hours(24 * 366 * 10);

constexpr std::array kKinds{Conflict::duplicate_offline, Conflict::after_revocation, Conflict::race,
                            Conflict::wrongly_refused};

bool is_bounded(const TapRecord& record) {
  const std::array names{&record.boot_id,  &record.terminal,  &record.reader,
                         &record.zone,     &record.pass,      &record.pass_template,
                         &record.provider, &record.object_id, &record.operator_id};
  return std::ranges::all_of(
             names, [](const std::string* name) { return name->size() <= kLongestName; }) &&
         record.pass_id.size() <= kMostPassIdBytes && record.why.size() <= kLongestWhy &&
         !record.terminal.empty() && record.party >= 1 && record.party <= kLargestParty &&
         record.use_no.value_or(1) <= kLargestUse &&
         record.clock_error.value_or(0ms) <= kLargestError;
}

/// Whether both can be what one terminal wrote: lamp and keyboard may have been
/// done between two copies.
bool agree(TapRecord one, const TapRecord& other) {
  one.effected = other.effected;
  return one == other;
}

bool is_of_a_revocation(const gate::FoundConflict& found) {
  return found.kind == Conflict::after_revocation || found.kind == Conflict::race;
}

/// No other pass would fare better.
bool is_of_the_disk(Errc error) {
  return error == Errc::storage_full || error == Errc::storage_busy ||
         error == Errc::storage_unwritable;
}

MonoTime after(Milliseconds budget) {
  return std::chrono::steady_clock::now() + budget;
}

}  // namespace

const PassTerms* Meeting::terms_of(std::string_view pass_template) const {
  const auto found = std::ranges::find(parts_.passes, pass_template, &PassTerms::pass_template);
  return found == parts_.passes.end() ? nullptr : &*found;
}

Result<std::expected<Meeting::Here, Errc>> Meeting::look_for(const TapRecord& record) const {
  using Found = std::expected<Here, Errc>;
  if (!is_bounded(record)) return Found(std::unexpect, Errc::bad_value);
  if (terms_of(record.pass_template) == nullptr) return Found(std::unexpect, Errc::not_listed);
  const auto own = parts_.journal.find(record.tap_id);
  if (!own) return std::unexpected(own.error());
  const auto told = parts_.journal.peer(record.tap_id);
  if (!told) return std::unexpected(told.error());
  for (const auto* kept : {&*own, &*told}) {
    if (*kept && !agree(record, **kept)) return Found(std::unexpect, Errc::contradicts);
  }
  if (*own) return Found(Here::own);
  return Found(*told ? Here::told : Here::no);
}

Result<json> Meeting::answer(const json& question) {
  const json& taps = question.at("taps");
  if (!taps.is_array()) return fail(Errc::bad_value);
  if (taps.size() > kBatch) return fail(Errc::too_large);
  const std::lock_guard lock(mutex_);
  std::size_t own = 0, skipped = 0, known = 0;
  json refused = json::array();
  std::map<TapId, TapRecord> kept;
  for (std::size_t index = 0; index < taps.size(); ++index) {
    const auto record = gate::tap_record_from(taps[index]);
    if (!record) {
      refused.push_back({{"index", index}, {"error", name(record.error().code())}});
      continue;
    }
    if (record->terminal == parts_.terminal) {
      ++own;
      continue;
    }
    if (record->kind == gate::Kind::conflict || record->pass_id.empty()) {
      ++skipped;
      continue;
    }
    auto here = look_for(*record);
    if (!here) return std::unexpected(here.error());
    if (*here == Here::own) {
      ++own;
      continue;
    }
    const auto [earlier, fresh] = kept.try_emplace(record->tap_id, *record);
    if (*here && !agree(*record, earlier->second)) *here = std::unexpected(Errc::contradicts);
    if (*here) {
      if (**here == Here::told || !fresh) ++known;
      continue;
    }
    if (fresh) kept.erase(earlier);
    refused.push_back(
        {{"index", index}, {"tap_id", record->tap_id.text()}, {"error", name(here->error())}});
  }
  std::vector<TapRecord> records;
  records.reserve(kept.size());
  for (auto& [id, record] : kept) records.push_back(std::move(record));
  const auto added = parts_.journal.add_peers(records);
  if (!added) return std::unexpected(added.error());
  const Told told = settle_until(after(kAnswerBudget));
  const auto left = parts_.journal.count_unsettled();
  if (!left) return std::unexpected(left.error());
  return json{{"type", "merged"},
              {"new", *added},
              {"known", known},
              {"own", own},
              {"skipped", skipped},
              {"refused", std::move(refused)},
              {"conflicts", told.conflicts},
              {"withdrawn", told.withdrawn},
              {"unsettled", *left}};
}

void Meeting::settle(Milliseconds budget) {
  const std::lock_guard lock(mutex_);
  const MonoTime deadline = after(budget);
  look_for_revocations(deadline);
  settle_until(deadline);
}

Meeting::Told Meeting::settle_until(MonoTime deadline) {
  Told told;
  std::set<std::pair<std::string, std::string>> failed;  // Once a call is enough.
  std::optional<Error> failure;
  while (std::chrono::steady_clock::now() < deadline) {
    auto passes = parts_.journal.unsettled(kPassesAtOnce + failed.size());
    Status done = passes ? Status{} : std::unexpected(passes.error());
    if (passes) {
      std::erase_if(*passes, [&](const auto& pass) {
        return failed.contains({pass.pass_template, pass.pass_id});
      });
      if (passes->empty()) break;
    }
    for (std::size_t i = 0; done && i < passes->size(); ++i) {
      if (std::chrono::steady_clock::now() >= deadline) break;
      const auto& pass = (*passes)[i];
      done = settle_pass(pass, told);
      if (done || is_of_the_disk(done.error().code())) continue;
      failed.emplace(pass.pass_template, pass.pass_id);
      failure = done.error();
      done = {};
    }
    if (done) continue;
    failure = done.error();
    break;
  }
  if (failure) {
    parts_.log(runtime::Level::error, "conflicts were not told; tried again later", *failure);
  }
  if (told.conflicts + told.withdrawn > 0) parts_.written();
  return told;
}

Status Meeting::settle_pass(const gate::Journal::Unsettled& pass, Told& told) {
  const PassTerms* terms = terms_of(pass.pass_template);
  if (terms == nullptr) return parts_.journal.settled(pass);  // Nothing to judge it by.
  const auto records = parts_.journal.all_of(pass.pass_template, pass.pass_id);
  if (!records) return std::unexpected(records.error());
  const auto revocation =
      terms->provider.empty() || parts_.voided_by_use.contains(terms->provider)
          ? std::nullopt
          : mirror_.revocation(terms->provider, pass.pass_template, pass.pass_id);
  std::vector<TapRecord> set = records->own;
  set.insert(set.end(), records->peers.begin(), records->peers.end());
  std::erase_if(set, [](const TapRecord& record) { return record.kind == gate::Kind::conflict; });
  auto found = gate::merge(terms->policy, parts_.hours, set, revocation).conflicts;
  // What this terminal did alone it judged when it did it, by the rules of that day.
  if (records->peers.empty())
    std::erase_if(found, [](const auto& one) { return !is_of_a_revocation(one); });
  const auto news = gate::conflict_news(found, *records, revocation.has_value());
  for (const TapRecord& record : news) {
    const auto written = parts_.journal.record(record, {});
    if (!written && written.error().code() == Errc::bad_value) continue;  // Told long ago.
    if (!written) return std::unexpected(written.error());
    const bool withdrawn = record.flag == gate::Flag::withdrawn;
    ++(withdrawn ? told.withdrawn : told.conflicts);
    if (!withdrawn) ++told_.at(static_cast<std::size_t>(*record.conflict));
    parts_.log(runtime::Level::warning, withdrawn ? "a conflict is withdrawn" : "a conflict",
               {{"kind", std::string(gate::name(*record.conflict))},
                {"tap", record.refers->text()},
                {"terminal", record.terminal}});
  }
  return parts_.journal.settled(pass);
}

void Meeting::look_for_revocations(MonoTime deadline) {
  auto seen = parts_.journal.revocations_seen();
  if (seen && mirror_.last_revocation() < *seen) *seen = 0;  // Another mirror: from the top.
  while (seen && std::chrono::steady_clock::now() < deadline) {
    const auto revoked = mirror_.revoked_after(*seen);
    if (revoked.empty()) return;
    std::vector<gate::Journal::Unsettled> passes;
    for (const auto& pass : revoked) {
      const PassTerms* terms = terms_of(pass.pass_template);
      if (terms == nullptr || terms->provider != pass.provider) continue;
      passes.push_back({.pass_template = pass.pass_template, .pass_id = pass.join_value});
    }
    *seen = revoked.back().no;
    if (const Status noted = parts_.journal.unsettle(passes, *seen); !noted) {
      parts_.log(runtime::Level::error, "revocations were not looked at", noted.error());
      return;
    }
  }
}

json Meeting::told() const {
  json counts = json::object();
  for (const Conflict kind : kKinds) {
    counts[std::string(gate::name(kind))] = told_.at(static_cast<std::size_t>(kind)).load();
  }
  return counts;
}

}  // namespace passgate::daemon
