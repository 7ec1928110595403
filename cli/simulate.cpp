// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/journal_copy.h"
#include "cli/opened_json.h"
#include "cli/record_source.h"
#include "cli/shown_text.h"
#include "gate/simulation.h"
#include "terms/counted_zone.h"
#include "terms/pass_policy.h"

namespace passgate::cli {
namespace {

using gate::Decision;
using gate::Simulated;
using gate::TapRecord;
using nlohmann::ordered_json;

struct Totals {
  std::uint64_t judged = 0;
  std::uint64_t differ = 0;
  std::uint64_t more_admitted = 0;
  std::uint64_t more_refused = 0;
  std::map<gate::Simulated, std::uint64_t> kinds;
  std::map<std::string, std::uint64_t> kept;  ///< By reason.
  std::uint64_t admitted = 0;
  std::uint64_t would_be_admitted = 0;
};

/// How a tap ended, in the records or as it would have.
struct Ending {
  Decision decision;
  gate::Reason reason;
  bool uses;
  unsigned party;
  gate::Direction direction;
};
Ending ending_of(const TapRecord& record) {
  return {record.decision, record.reason, record.use_no.has_value(), record.party,
          record.direction};
}
Ending ending_of(const TapRecord& record, const gate::Verdict& verdict) {
  return {verdict.decision, verdict.reason, verdict.use_no.has_value(), verdict.party,
          record.direction};
}

/// "deny passback", "admit", "admit 2", "admit without a use".
std::string text_of(const Ending& ending) {
  std::string text(name(ending.decision));
  if (ending.decision != Decision::admit) text += fmt::format(" {}", name(ending.reason));
  if (ending.party != 1) text += fmt::format(" {}", ending.party);
  const bool came_back = ending.decision == Decision::admit && !ending.uses;
  if (came_back && ending.direction == gate::Direction::entry) text += " without a use";
  return text;
}

ordered_json json_of(const Ending& ending) {
  return {{"decision", name(ending.decision)},
          {"reason", name(ending.reason)},
          {"consumes", ending.uses},
          {"party", ending.party}};
}

void tell(const TapRecord& record, const gate::Verdict& verdict, bool json, std::ostream& out) {
  const Ending before = ending_of(record);
  const Ending after = ending_of(record, verdict);
  if (json) {
    out << one_line({{"tap_id", record.tap_id.text()},
                     {"time", to_rfc3339_ms(record.at)},
                     {"terminal", record.terminal},
                     {"reader", record.reader},
                     {"zone", record.zone},
                     {"direction", name(record.direction)},
                     {"pass", record.pass},
                     {"pass_id", record.pass_id},
                     {"recorded", json_of(before)},
                     {"would_be", json_of(after)}})
        << '\n';
    return;
  }
  const nlohmann::json shown = gate::to_json(record);
  out << fmt::format("{}  {:<12} {} {}  {} -> {}\n", to_rfc3339_ms(record.at),
                     shown_text(shown, "reader"), shown_text(shown, "pass"),
                     shown_text(shown, "pass_id"), text_of(before), text_of(after));
}

void count(const TapRecord& record, const gate::SimulatedTap& tap, Totals& totals) {
  ++totals.kinds[tap.kind];
  const bool recorded = record.kind == gate::Kind::tap && record.decision == Decision::admit;
  if (recorded) ++totals.admitted;
  const bool judged = tap.kind == Simulated::judged;
  const bool admits = judged ? tap.verdict.decision == Decision::admit : recorded;
  if (admits) ++totals.would_be_admitted;
  if (tap.kind == Simulated::kept) ++totals.kept[std::string(name(record.reason))];
  if (!judged) return;
  ++totals.judged;
  if (!tap.differs) return;
  ++totals.differ;
  if (admits && !recorded) ++totals.more_admitted;
  if (recorded && !admits) ++totals.more_refused;
}

ordered_json json_of(const Totals& totals) {
  const auto of = [&](Simulated kind) {
    const auto found = totals.kinds.find(kind);
    return found == totals.kinds.end() ? 0 : found->second;
  };
  return {{"judged", totals.judged},
          {"differ", totals.differ},
          {"more_admitted", totals.more_admitted},
          {"more_refused", totals.more_refused},
          {"admitted_recorded", totals.admitted},
          {"admitted_would_be", totals.would_be_admitted},
          {"kept", of(Simulated::kept)},
          {"kept_by_reason", totals.kept},
          {"other_passes", of(Simulated::other_pass)},
          {"acts_applied", of(Simulated::applied)},
          {"acts_moot", of(Simulated::moot)}};
}

void tell(const Totals& totals, bool json, std::ostream& out) {
  const ordered_json all = json_of(totals);
  if (json) {
    out << one_line({{"totals", all}}) << '\n';
    return;
  }
  out << fmt::format("{} taps judged, {} would differ: {} more admitted, {} more refused\n",
                     totals.judged, totals.differ, totals.more_admitted, totals.more_refused);
  out << fmt::format("admitted: {} recorded, {} would be\n", totals.admitted,
                     totals.would_be_admitted);
  std::vector<std::string> kept;
  kept.reserve(totals.kept.size());
  for (const auto& [reason, times] : totals.kept) {
    kept.push_back(fmt::format("{} {}", reason, times));
  }
  if (!kept.empty()) {
    out << fmt::format("kept as recorded, for reasons no journal knows: {}\n",
                       fmt::join(kept, ", "));
  }
  if (all["other_passes"] != 0) {
    out << fmt::format("kept as recorded, of passes the policy does not name: {}\n",
                       all["other_passes"].get<std::uint64_t>());
  }
  if (all["acts_applied"] != 0 || all["acts_moot"] != 0) {
    out << fmt::format("overrides and undos: {} applied, {} moot\n",
                       all["acts_applied"].get<std::uint64_t>(),
                       all["acts_moot"].get<std::uint64_t>());
  }
}

std::expected<gate::SimulatedRules, Refusal> rules_of(const std::filesystem::path& file) {
  const auto config = runtime::load_config(file);
  if (!config) return std::unexpected(unreadable(config.error()));
  gate::SimulatedRules rules;
  for (const runtime::PassConfig& pass : config->passes) {
    auto policy = terms::policy_of(pass);
    if (!policy) return std::unexpected(Refusal{EX_CONFIG, policy.error()});
    rules.passes.emplace(pass.name, std::move(*policy));
  }
  const auto zones = terms::load_counted_zones(*config);
  if (!zones) return std::unexpected(Refusal{EX_CONFIG, zones.error()});
  for (const terms::CountedZone& zone : *zones) {
    rules.zones.emplace(zone.name, gate::ZoneRules{.capacity = zone.capacity,
                                                   .calendar = zone.calendar,
                                                   .empties_at = zone.empties_at});
  }
  return rules;
}

std::expected<void, Refusal> simulate(const SimulateOptions& options, std::ostream& out) {
  auto rules = rules_of(options.policy);
  if (!rules) return std::unexpected(rules.error());
  std::optional<TemporaryFolder> folder;
  std::filesystem::path lines = options.journal;
  if (is_database(options.journal)) {
    auto made = TemporaryFolder::make();
    if (!made) return std::unexpected(made.error());
    folder.emplace(std::move(*made));
    const auto written = records_of_journal(options.journal, *folder);
    if (!written) return std::unexpected(written.error());
    lines = *written;
  }
  auto source = RecordSource::open(lines);
  if (!source) return std::unexpected(source.error());
  gate::Simulation simulation(std::move(*rules));
  Totals totals;
  for (;;) {
    const auto record = source->next();
    if (!record) return std::unexpected(record.error());
    if (!*record) break;
    const gate::SimulatedTap tap = simulation.next(**record);
    count(**record, tap, totals);
    if (tap.differs) tell(**record, tap.verdict, options.json, out);
  }
  tell(totals, options.json, out);
  return {};
}

}  // namespace

int run_simulate(const SimulateOptions& options, std::ostream& out, std::ostream& err) {
  const auto done = simulate(options, out);
  out.flush();
  if (done) return EX_OK;
  err << "passgate: " << done.error().text << '\n';
  return done.error().exit_code;
}

void add_simulate(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<SimulateOptions>();
  auto* command =
      app.add_subcommand("simulate", "What other rules would have made of recorded taps");
  command->add_option("--journal", options->journal, "journal.db, or what taps --json printed")
      ->type_name("FILE")
      ->required();
  command->add_option("--policy", options->policy, "configuration with the other rules")
      ->type_name("FILE")
      ->required();
  command->add_flag("--json", options->json, "one JSON object a line, the totals last");
  command->callback(
      [options, &exit_status] { exit_status = run_simulate(*options, std::cout, std::cerr); });
}

}  // namespace passgate::cli
