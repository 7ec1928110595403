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
  json object = {{"uses", history.uses}, {"inside", history.inside}};
  add_time(object, "first_use", history.first_use);
  if (history.first_use) object["first_reader"] = history.first_reader;
  std::optional<WallTime> last_entry;
  for (const gate::Instant& entry : history.last_entries) {
    last_entry = std::max(last_entry, std::optional(entry.at));
  }
  add_time(object, "last_entry", last_entry);
  return object;
}

/// A way in or out.
struct Way {
  std::string zone;
  gate::Direction direction;
  std::vector<std::string> readers;
};

/// Those on which somebody is judged by these terms.
std::vector<Way> ways_of(const runtime::Config& config, const PassTerms& terms) {
  std::vector<Way> ways;
  for (const runtime::ReaderConfig& reader : config.readers) {
    if (reader.mode != runtime::ReaderMode::gate || !asks_for(reader, terms)) continue;
    const auto direction = gate::direction_from(reader.direction).value();
    auto way = std::ranges::find_if(ways, [&](const Way& known) {
      return known.zone == reader.zone && known.direction == direction;
    });
    if (way == ways.end()) {
      way = ways.insert(way, {.zone = reader.zone, .direction = direction, .readers = {}});
    }
    way->readers.push_back(reader.name.empty() ? reader.match : reader.name);
  }
  return ways;
}

}  // namespace

Result<json> PassInquiry::answer(const json& question) const {
  const auto& asked = question.at("template").get_ref<const std::string&>();
  const auto& pass_id = question.at("pass_id").get_ref<const std::string&>();
  const PassTerms* terms = terms_of(asked);
  if (terms == nullptr) return fail(Errc::not_listed);
  if (pass_id.empty() || pass_id.size() > kLongestPassId) return fail(Errc::bad_value);
  const auto movements = parts_.journal.movements(terms->pass_template, pass_id);
  if (!movements) return std::unexpected(movements.error());
  const gate::History history = gate::history_of(*movements, {.zone = {}, .emptied_at = {}});
  const auto records = parts_.journal.taps_of(terms->pass_template, pass_id, kTaps);
  if (!records) return std::unexpected(records.error());
  const gate::Belief belief =
      terms->provider.empty()
          ? gate::Belief{.knowledge = gate::Belief::Knowledge::no_provider}
          : parts_.mirror.look_up(terms->provider, terms->pass_template, pass_id);
  const WallTime now = parts_.clock.now();
  auto judged = verdicts(*terms, pass_id, now);
  if (!judged) return std::unexpected(judged.error());
  json taps = json::array();
  for (const gate::TapRecord& record : *records) taps.push_back(gate::to_json(record));
  return json{{"type", "pass"},
              {"time", to_rfc3339_ms(now)},
              {"pass", terms->name},
              {"template", terms->pass_template},
              {"pass_id", pass_id},
              {"provider", terms->provider.empty() ? json(nullptr) : json(terms->provider)},
              {"belief", belief_json(belief)},
              {"history", history_json(history)},
              {"now", std::move(*judged)},
              {"taps", std::move(taps)}};
}

const PassTerms* PassInquiry::terms_of(std::string_view name) const {
  auto found = std::ranges::find(passes_, name, &PassTerms::name);
  if (found == passes_.end()) found = std::ranges::find(passes_, name, &PassTerms::pass_template);
  return found == passes_.end() ? nullptr : &*found;
}

Result<json> PassInquiry::verdicts(const PassTerms& terms, const std::string& pass_id,
                                   WallTime now) const {
  json all = json::array();
  for (const Way& way : ways_of(config_, terms)) {
    const auto judged = rules_.judge({.terms = terms,
                                      .pass_id = pass_id,
                                      .zone = way.zone,
                                      .direction = way.direction,
                                      .at = now,
                                      .digest = {},
                                      .stamped_at = {}});
    if (!judged) return std::unexpected(judged.error());
    const gate::Verdict& verdict = judged->verdict;
    json entry = {{"zone", way.zone},
                  {"direction", gate::name(way.direction)},
                  {"readers", way.readers},
                  {"decision", gate::name(verdict.decision)},
                  {"reason", gate::name(verdict.reason)}};
    if (verdict.use_no) entry["use"] = *verdict.use_no;
    if (verdict.flag != gate::Flag::none) entry["flag"] = gate::name(verdict.flag);
    all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace passgate::daemon
