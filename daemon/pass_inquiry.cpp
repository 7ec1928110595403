// SPDX-License-Identifier: Apache-2.0
#include "daemon/pass_inquiry.h"

#include <algorithm>
#include <string>

#include "daemon/reader_choice.h"

namespace passgate::daemon {
namespace {

using nlohmann::json;

/// As a pattern lets it be (gate/pass_pattern.h).
constexpr std::size_t kLongestPassId = 128;

std::string_view name(gate::Belief::Knowledge knowledge) {
  switch (knowledge) {
    case gate::Belief::Knowledge::no_provider: return "no_provider";
    case gate::Belief::Knowledge::no_mirror: return "no_mirror";
    case gate::Belief::Knowledge::not_listed: return "not_listed";
    case gate::Belief::Knowledge::listed: return "listed";
  }
  return "no_mirror";
}

void add_time(json& object, const char* member, const std::optional<WallTime>& time) {
  if (time) object[member] = to_rfc3339_ms(*time);
}

json belief_json(const gate::Belief& belief) {
  json object = {{"knowledge", name(belief.knowledge)}};
  if (belief.knowledge == gate::Belief::Knowledge::listed) {
    object["state"] = gate::name(belief.state);
  }
  add_time(object, "valid_from", belief.valid_from);
  add_time(object, "valid_until", belief.valid_until);
  add_time(object, "swept_at", belief.swept_at);
  return object;
}

json history_json(const gate::History& history) {
  json object = {{"uses", history.uses}};
  add_time(object, "first_use", history.first_use);
  if (history.first_use) object["first_reader"] = history.first_reader;
  return object;
}

struct Zone {
  std::string name;
  std::vector<std::string> readers;
};

/// The zones in which somebody is judged by these terms.
std::vector<Zone> zones_of(const runtime::Config& config, const PassTerms& terms) {
  std::vector<Zone> zones;
  for (const runtime::ReaderConfig& reader : config.readers) {
    if (reader.mode != runtime::ReaderMode::gate || !asks_for(reader, terms)) continue;
    auto zone = std::ranges::find(zones, reader.zone, &Zone::name);
    if (zone == zones.end()) zone = zones.insert(zones.end(), {.name = reader.zone, .readers = {}});
    zone->readers.push_back(reader.name.empty() ? reader.match : reader.name);
  }
  return zones;
}

}  // namespace

Result<json> PassInquiry::answer(const json& question) const {
  const auto& asked = question.at("template").get_ref<const std::string&>();
  const auto& pass_id = question.at("pass_id").get_ref<const std::string&>();
  const PassTerms* terms = terms_of(asked);
  if (terms == nullptr) return fail(Errc::not_listed);
  if (pass_id.empty() || pass_id.size() > kLongestPassId) return fail(Errc::bad_value);
  const auto movements = journal_.movements(terms->pass_template, pass_id);
  if (!movements) return std::unexpected(movements.error());
  const gate::History history = gate::history_of(
      *movements, {.own_terminal = config_.terminal.id, .zone = {}, .emptied_at = {}});
  const auto records = journal_.taps_of(terms->pass_template, pass_id, kTaps);
  if (!records) return std::unexpected(records.error());
  const gate::Belief belief = terms->provider.empty()
                                  ? gate::Belief{.knowledge = gate::Belief::Knowledge::no_provider}
                                  : mirror_.look_up(terms->provider, terms->pass_template, pass_id);
  json taps = json::array();
  for (const gate::TapRecord& record : *records) taps.push_back(gate::to_json(record));
  const WallTime now = clock_.now();
  return json{{"type", "pass"},
              {"time", to_rfc3339_ms(now)},
              {"pass", terms->name},
              {"template", terms->pass_template},
              {"pass_id", pass_id},
              {"provider", terms->provider.empty() ? json(nullptr) : json(terms->provider)},
              {"belief", belief_json(belief)},
              {"history", history_json(history)},
              {"now", verdicts(*terms, belief, history, now)},
              {"taps", std::move(taps)}};
}

const PassTerms* PassInquiry::terms_of(std::string_view name) const {
  auto found = std::ranges::find(passes_, name, &PassTerms::name);
  if (found == passes_.end()) found = std::ranges::find(passes_, name, &PassTerms::pass_template);
  return found == passes_.end() ? nullptr : &*found;
}

json PassInquiry::verdicts(const PassTerms& terms, const gate::Belief& belief,
                           const gate::History& history, WallTime now) const {
  json all = json::array();
  for (const Zone& zone : zones_of(config_, terms)) {
    const auto verdict = gate::decide(
        terms.policy, {.zone = zone.name, .now = now, .clock = clock_.state(), .stamped_at = {}},
        belief, history);
    all.push_back({{"zone", zone.name},
                   {"readers", zone.readers},
                   {"decision", gate::name(verdict.decision)},
                   {"reason", gate::name(verdict.reason)}});
  }
  return all;
}

}  // namespace passgate::daemon
