// SPDX-License-Identifier: Apache-2.0
#include "sync/service/tap_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kTapsAtOnce = 64;  // So much of it waits for a slow watcher.
constexpr unsigned kMostFailures = 4;

constexpr std::array kShown = {"reader",       "zone",    "time", "decision",
                               "reason",       "party",   "flag", "first_use",
                               "first_reader", "display", "kind", "operator"};
constexpr std::array kShownToOperators = {"tap_id", "position",      "direction", "wallet",
                                          "pass",   "pass_template", "pass_id",   "use",
                                          "typed",  "stages_us",     "why",       "refers"};

template <class Names>
void copy(const Json& from, const Names& names, Json& to) {
  for (const char* name : names) {
    if (const auto found = from.find(name); found != from.end()) to[name] = *found;
  }
}

std::string text_of(const Json& data) {
  return data.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

TapStream::TapStream(LiveTaps& live, AskCore ask_core, const Clock& clock, Terms terms)
    : live_(live), ask_core_(std::move(ask_core)), clock_(clock), terms_(std::move(terms)) {
  if (terms_.after) replay_ = Replay{.after = *terms_.after};
}

TapStream::~TapStream() {
  if (watcher_) live_.detach(*watcher_);
}

void TapStream::start(std::function<void()> wake) {
  // Before the journal is asked: what happens from here on is kept for us.
  const auto place = live_.attach(std::move(wake));
  watcher_ = place.watcher;
  next_ = place.next;
  told_before_ = place.position;
  cursor_ = terms_.after.value_or(place.position);
}

std::string TapStream::take() {
  std::string text;
  if (!seen_version_) text = "retry: 1000\n\n";
  const auto state = live_.state();
  if (seen_version_ != state.version) {
    seen_version_ = state.version;
    text += state_event(state);
  }
  // The journal takes its time: what is known goes first.
  if (!text.empty()) return text;
  // Without passgated there is no journal either; it is asked when it is back.
  if (replay_) return state.connected ? take_replay() : std::string();
  return take_live();
}

std::string TapStream::take_replay() {
  std::string text;
  while (text.empty() && replay_) {
    const auto taps = journal(cursor_, kBatch);
    if (!taps) {
      if (++replay_->failures < kMostFailures) return {};
      return end_replay(gap_event());
    }
    for (const auto& tap : *taps) {
      cursor_ = std::max(cursor_, position_of(tap));
      remember(tap);
      if (!is_conflict(tap)) text += tap_event(tap, true, age_of(tap));
    }
    if (taps->size() < kBatch || ++replay_->batches == kMostBatches) text = end_replay(text);
    if (!replay_ && text.empty()) return take_live();
  }
  return text;
}

/// @param text  What is to be sent anyhow.
std::string TapStream::end_replay(std::string text) {
  const auto replay = *std::exchange(replay_, std::nullopt);
  if (replay.batches == kMostBatches) {
    const auto more = journal(cursor_, 1);
    const auto live = live_.since(next_, LiveTaps::kKept);
    const auto kept = [&](const auto& tap) {
      return position_of(tap->report) == position_of(more->front());
    };
    const bool whole = more && (more->empty() || std::ranges::any_of(live.taps, kept));
    if (!whole) text += gap_event();
  } else if (cursor_ == replay.after) {
    // Nothing came after it. Was it there at all, or is this another journal?
    const auto newest = journal(std::nullopt, 1);
    const auto last = newest && !newest->empty() ? position_of(newest->front()) : 0;
    if (newest && last < cursor_) {
      cursor_ = 0;
      text += gap_event();
      cursor_ = last;
    }
  }
  return text;
}

std::string TapStream::take_live() {
  std::string text;
  for (;;) {
    const auto news = live_.since(next_, kTapsAtOnce);
    if (news.missed) text += gap_event();
    for (const auto& tap : news.taps) {
      if (was_replayed(tap->report)) continue;
      if (const auto position = position_of(tap->report); position != 0) cursor_ = position;
      // By either clock: a step of the wall clock must not make an old tap fresh.
      const auto kept = std::chrono::floor<Milliseconds>(clock_.monotonic() - tap->seen);
      text += tap_event(tap->report, tap->replayed, std::max(age_of(tap->report), kept));
    }
    next_ = news.next;
    if (!text.empty() || news.taps.empty()) return text;
  }
}

void TapStream::remember(const Json& tap) {
  if (position_of(tap) <= told_before_ || !tap.contains("tap_id")) return;
  replayed_ids_.insert(tap["tap_id"].get<std::string>());
}

/// passgated writes first and tells then: what was read from the journal may be
/// told long after.
bool TapStream::was_replayed(const Json& tap) {
  if (replayed_ids_.empty() || !tap.contains("tap_id")) return false;
  return replayed_ids_.erase(tap["tap_id"].get<std::string>()) > 0;
}

std::optional<Json> TapStream::journal(std::optional<std::uint64_t> after,
                                       std::size_t limit) const {
  Json question{{"type", "taps"}, {"limit", limit}};
  if (after) question["after"] = *after;
  auto answer = ask_core_(question);
  if (!answer || !answer->is_object()) return std::nullopt;
  const auto taps = answer->find("taps");
  if (taps == answer->end() || !taps->is_array()) return std::nullopt;
  return std::move(*taps);
}

/// Since the decision: a report's time is that of the phone's arrival.
Milliseconds TapStream::age_of(const Json& tap) const {
  const auto found = tap.find("time");
  if (found == tap.end() || !found->is_string()) return Milliseconds::zero();
  const auto time = from_rfc3339(found->get_ref<const std::string&>());
  if (!time) return Milliseconds::zero();
  const auto stages = tap.value("stages_us", Json::object());
  const auto until_decided =
      std::chrono::microseconds(stages.value("exchange", 0) + stages.value("own", 0));
  const auto age = clock_.now() - *time - until_decided;
  return std::max(std::chrono::floor<Milliseconds>(age), Milliseconds::zero());
}

std::string TapStream::state_event(const LiveTaps::State& state) const {
  Json readers = Json::array();
  for (const auto& one : state.readers) {
    if (terms_.reader.empty() || one["reader"] == terms_.reader) readers.push_back(one);
  }
  const Json data{{"core", state.connected ? "connected" : "absent"},
                  {"since", to_rfc3339_ms(state.since)},
                  {"time", to_rfc3339_ms(clock_.now())},
                  {"ready", state.reasons.empty()},
                  {"reasons", state.reasons},
                  {"readers", std::move(readers)}};
  return fmt::format("event: state\ndata: {}\n\n", text_of(data));
}

std::string TapStream::tap_event(const Json& tap, bool replayed, Milliseconds age) const {
  if (!tap.is_object()) return {};
  if (!terms_.reader.empty() && tap.value("reader", Json()) != terms_.reader) return {};
  Json data{{"sent", to_rfc3339_ms(clock_.now())}, {"age_ms", age.count()}, {"replayed", replayed}};
  copy(tap, kShown, data);
  if (terms_.view == View::operate) copy(tap, kShownToOperators, data);
  const auto position = position_of(tap);
  return fmt::format("{}event: tap\ndata: {}\n\n",
                     position == 0 ? std::string() : fmt::format("id: {}\n", position),
                     text_of(data));
}

std::string TapStream::gap_event() const {
  return fmt::format("event: gap\ndata: {{\"after\":{}}}\n\n", cursor_);
}

}  // namespace passgate::sync
