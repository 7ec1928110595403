// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "gate/conflict_news.h"
#include "gate/merge.h"
#include "gate/merge_order.h"
#include "tests/gate/offline_taps.h"
#include "tests/rig/property.h"

// What holds for whatever terminals did while apart, and however they meet again.
namespace passgate::gate {
namespace {

using Records = std::vector<TapRecord>;

template <class Value>
Value any_up_to_of(Value last) {
  return static_cast<Value>(*rc::gen::inRange(0, static_cast<int>(last) + 1));
}

PassPolicy any_rules() {
  PassPolicy policy;
  policy.uses = *rc::gen::inRange(1U, 4U);
  if (*rc::gen::weightedElement<bool>({{4, false}, {1, true}})) policy.uses.reset();
  policy.uses_per_zone = *rc::gen::arbitrary<bool>();
  policy.reentry = any_up_to_of(Reentry::always);
  policy.reentry_within = std::chrono::seconds(*rc::gen::element(0, 100));
  policy.passback = std::chrono::seconds(*rc::gen::element(0, 30));
  return policy;
}

/// One record, a little after the one before at that terminal.
TapRecord any_tap(const std::string& terminal, std::uint64_t position, std::int64_t second) {
  const std::chrono::seconds after(second);
  TapRecord record = *rc::gen::element(0, 0, 0, 1, 2) == 0
                         ? admitted(terminal, static_cast<unsigned>(position), after)
                     : *rc::gen::arbitrary<bool>()
                         ? left(terminal, position, after)
                         : refused(terminal, position, after,
                                   *rc::gen::element(Reason::already_redeemed, Reason::passback));
  record.zone = *rc::gen::element<std::string>("north", "south");
  record.party = *rc::gen::inRange(1U, 3U);
  return record;
}

/// What `true_now` reads on a clock that is honest about itself.
void set_clock(TapRecord& record, bool trusted) {
  const auto error = Milliseconds(*rc::gen::inRange(0, 40) * 1000);
  if (!trusted || *rc::gen::inRange(0, 4) == 0) {
    record.clock = *rc::gen::arbitrary<bool>() ? ClockState::unset : ClockState::holdover;
    record.clock_error.reset();
    record.at += std::chrono::seconds(*rc::gen::inRange(-100'000, 100'000));
    return;
  }
  record.clock_error = error;
  record.at += Milliseconds(*rc::gen::inRange<std::int64_t>(-error.count(), error.count() + 1));
}

/// What one terminal wrote, with acts on its own taps.
Records any_terminal(const std::string& terminal, bool undos) {
  Records records;
  std::int64_t second = *rc::gen::inRange(0, 60);
  const int count = *rc::gen::inRange(0, 5);
  for (int n = 1; n <= count; ++n) {
    second += *rc::gen::inRange(1, 40);
    TapRecord record = any_tap(terminal, static_cast<std::uint64_t>(n), second);
    const bool acts = undos && !records.empty() && *rc::gen::inRange(0, 3) == 0;
    if (acts && records.back().decision == Decision::admit) {
      record = undone(terminal, static_cast<std::uint64_t>(n), std::chrono::seconds(second),
                      records.back());
    } else if (acts) {
      record = overridden(terminal, static_cast<unsigned>(n), std::chrono::seconds(second),
                          records.back());
    }
    set_clock(record, true);
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<Records> any_terminals(bool undos) {
  std::vector<Records> all;
  const int count = *rc::gen::inRange(2, 5);
  for (int n = 0; n < count; ++n) all.push_back(any_terminal(std::string(1, char('a' + n)), undos));
  return all;
}

Records together(const std::vector<Records>& terminals) {
  Records all;
  for (const Records& own : terminals) all.insert(all.end(), own.begin(), own.end());
  return all;
}

/// A set keyed by tap id, as the journal keeps it.
Records united(const Records& one, const Records& other) {
  std::map<TapId, TapRecord> set;
  for (const TapRecord& record : one) set.emplace(record.tap_id, record);
  for (const TapRecord& record : other) set.emplace(record.tap_id, record);
  Records all;
  for (auto& [id, record] : set) all.push_back(std::move(record));
  return all;
}

Records shuffled(Records records) {
  for (std::size_t i = records.size(); i > 1; --i) {
    std::swap(records[i - 1], records[*rc::gen::inRange<std::size_t>(0, i)]);
  }
  return records;
}

/// A part of them, some twice.
Records some_of(const Records& records) {
  Records part;
  for (const TapRecord& record : records) {
    for (int n = *rc::gen::inRange(0, 3); n > 0; --n) part.push_back(record);
  }
  return shuffled(part);
}

std::tuple<unsigned, unsigned, std::vector<FoundConflict>> outcome(const PassPolicy& policy,
                                                                   const Records& records) {
  const Merged all = merge(policy, {}, records, {});
  return {all.admitted, all.entitled, all.conflicts};
}

TEST(MergeProperty, IsCommutativeAssociativeAndIdempotent) {
  check_property("merge is a function of the union", [] {
    const PassPolicy policy = any_rules();
    const Records all = together(any_terminals(true));
    const Records a = some_of(all), b = some_of(all), c = some_of(all);
    RC_ASSERT(outcome(policy, united(a, b)) == outcome(policy, shuffled(united(b, a))));
    RC_ASSERT(outcome(policy, united(united(a, b), c)) == outcome(policy, united(a, united(b, c))));
    RC_ASSERT(outcome(policy, united(a, a)) == outcome(policy, united(a, {})));
  });
}

TEST(MergeProperty, AdmissionsAreNeverReversed) {
  check_property("admitted grows with the set", [] {
    const PassPolicy policy = any_rules();
    const Records all = together(any_terminals(false));
    const Records part = united(some_of(all), {});
    const Merged less = merge(policy, {}, part, {});
    const Merged more = merge(policy, {}, united(part, some_of(all)), {});
    RC_ASSERT(less.admitted <= more.admitted);
    RC_ASSERT(more.entitled <= more.admitted);
  });
}

TEST(MergeProperty, WhatIsCertainStandsInTheOrder) {
  check_property("honest bounds that do not overlap decide", [] {
    const Records all = shuffled(together(any_terminals(true)));
    const auto order = in_order(all);
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t j = i + 1; j < order.size(); ++j) {
        RC_ASSERT(!surely_before(order[j], order[i]));
      }
    }
  });
}

TEST(MergeProperty, AClockNobodyTrustsNeverMakesASecondUseTheFirst) {
  check_property("unset or unbounded comes last", [] {
    PassPolicy policy;
    TapRecord first = admitted("z", 1, std::chrono::seconds(*rc::gen::inRange(0, 100)));
    first.clock_error = Milliseconds(*rc::gen::inRange(0, 100'000));
    TapRecord second = admitted("a", 1, std::chrono::seconds(*rc::gen::inRange(100, 200)));
    set_clock(second, false);
    // Refused while its own clock was unset, too.
    TapRecord before = refused("z", 0, 0s, Reason::clock_untrusted);
    before.clock = ClockState::unset;
    const Merged both = merge(policy, {}, shuffled({first, second, before}), {});
    RC_ASSERT(both.conflicts.size() == 1U);
    RC_ASSERT(both.conflicts.front().tap == second.tap_id);
    RC_ASSERT(!both.conflicts.front().order_certain);
  });
}

/// A terminal as its journal has it: what it knows, and what it told.
struct Teller {
  std::string name;
  Records known;
  std::uint64_t position = 1000;

  PassRecords journal() const {
    PassRecords records;
    for (const TapRecord& record : known) {
      const bool own = record.terminal == name || record.kind == Kind::conflict;
      (own ? records.own : records.peers).push_back(record);
    }
    return records;
  }
  void learn(const PassPolicy& policy, const Records& news) {
    known = united(known, news);
    Records told;
    do {
      Records set = known;
      std::erase_if(set, [](const TapRecord& record) { return record.kind == Kind::conflict; });
      told = conflict_news(merge(policy, {}, set, {}).conflicts, journal(), false);
      for (TapRecord& record : told) record.position = ++position;
      known = united(known, told);
      RC_ASSERT(told.empty() || position < 2000);
    } while (!told.empty());
  }
  /// What stands of it, but for how often it was told before.
  std::set<FoundConflict> standing() const {
    std::map<FoundConflict, TapRecord> last;
    for (const TapRecord& record : known) {
      if (record.kind != Kind::conflict) continue;
      TapRecord& newest =
          last[{*record.refers, *record.conflict, record.against, record.order_certain}];
      if (record.position > newest.position) newest = record;
    }
    std::set<FoundConflict> stands;
    for (const auto& [conflict, record] : last) {
      if (record.flag != Flag::withdrawn) stands.insert(conflict);
    }
    return stands;
  }
};

TEST(MergeProperty, EveryTerminalEndsWithTheSameConflictsHoweverTheRecordsCame) {
  check_property("batches in any order, lossy and doubled", [] {
    const PassPolicy policy = any_rules();
    const std::vector<Records> terminals = any_terminals(true);
    const Records all = together(terminals);
    std::vector<Teller> tellers;
    for (std::size_t n = 0; n < 2; ++n) {
      Teller teller{.name = std::string(1, char('a' + n)), .known = terminals[n]};
      for (int batch = *rc::gen::inRange(0, 4); batch > 0; --batch) {
        teller.learn(policy, some_of(all));
      }
      teller.learn(policy, shuffled(all));
      tellers.push_back(std::move(teller));
    }
    RC_ASSERT(tellers[0].standing() == tellers[1].standing());
    const auto found = merge(policy, {}, all, {}).conflicts;
    RC_ASSERT(tellers[0].standing() == std::set<FoundConflict>(found.begin(), found.end()));
  });
}

TEST(MergeProperty, ReplayingAnyPrefixTwiceChangesNothing) {
  check_property("a prefix heard twice is no news", [] {
    const PassPolicy policy = any_rules();
    const Records all = shuffled(together(any_terminals(true)));
    Teller teller{.name = "a", .known = {}};
    teller.learn(policy, all);
    const Records before = teller.known;
    const auto length = *rc::gen::inRange<std::size_t>(0, all.size() + 1);
    teller.learn(policy, Records(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(length)));
    teller.learn(policy, Records(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(length)));
    RC_ASSERT(teller.known == before);
  });
}

}  // namespace
}  // namespace passgate::gate
