// SPDX-License-Identifier: Apache-2.0
#include "cli/pass.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include "cli/shown_text.h"
#include "cli/taps.h"
#include "cli/terminal.h"
#include "gate/vocabulary.h"

namespace passgate::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

struct PassOptions {
  std::string config = kDefaultConfig;
  std::string pass_template;
  std::string pass_id;
  bool as_json = false;
};

Refusal refusal_of(const json& answer, const PassOptions& options) {
  const auto code = shown_text(answer, "error");
  if (code == name(Errc::not_listed)) {
    return {EX_DATAERR, fmt::format("no [[pass]] has the template or the name {}",
                                    shown_text(json{{"t", options.pass_template}}, "t"))};
  }
  if (code == name(Errc::bad_value)) {
    return {EX_DATAERR, "that is no pass id: it must have 1 to 128 bytes"};
  }
  return {EX_SOFTWARE, fmt::format("passgated answers {}: see docs/errors.md", code)};
}

int show_pass(const PassOptions& options) {
  const auto terminal = find_terminal(options.config);
  if (!terminal) return refuse(terminal.error());
  auto client = call(terminal->control_sock(), "passgated");
  if (!client) return refuse(client.error());
  const auto answer = client->ask(
      {{"type", "pass"}, {"template", options.pass_template}, {"pass_id", options.pass_id}}, 5s);
  if (!answer) {
    return refuse({EX_UNAVAILABLE,
                   fmt::format("passgated does not answer ({})", name(answer.error().code()))});
  }
  if (answer->value("type", "") == "error") return refuse(refusal_of(*answer, options));
  const auto now = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
  fmt::print("{}", options.as_json ? answer->dump() + "\n" : pass_page(*answer, now));
  return EX_OK;
}

const json& member(const json& object, const char* key) {
  static const json nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

/// Every reason that a tap can be refused for by the rules; docs/gate-rules.md. Of
/// an inquiry, those about a cryptogram are none.
constexpr std::array kWhy{
    std::pair{"revoked", "the organiser took it back"},
    std::pair{"blocked", "the organiser does not want this guest"},
    std::pair{"stale_cache", "the provider's list is older than max_cache_age_s"},
    std::pair{"clock_untrusted", "this terminal's clock is wrong, or may be"},
    std::pair{"unknown", "the provider's list does not have it"},
    std::pair{"voided", "the provider says that it is voided"},
    std::pair{"expired", "it is over"},
    std::pair{"not_yet_valid", "its time has not come"},
    std::pair{"already_redeemed", "it was used before"},
    std::pair{"uses_exhausted", "all its uses are consumed"},
    std::pair{"wrong_gate", "the pass is not for this zone"},
    std::pair{"direction", "the pass does not go through here this way"},
    std::pair{"rule", "it is for fewer people"},
    std::pair{"passback", "somebody of it is inside, or came in a moment ago"},
    std::pair{"capacity", "the zone is full"},
};

std::string why(const std::string& reason) {
  const auto* found =
      std::ranges::find_if(kWhy, [&](const auto& each) { return reason == each.first; });
  return found == kWhy.end() ? reason : fmt::format("{} ({})", found->second, reason);
}

/// The largest unit is near enough for "is this list old?".
std::string time_since(const json& time, WallTime now) {
  if (!time.is_string()) return "";
  const auto then = from_rfc3339(time.get_ref<const std::string&>());
  if (!then) return "";
  const Milliseconds old = now - *then;
  if (old < 0s) return ", in the future";
  if (old < 2min) return fmt::format(", {} s ago", old / 1s);
  if (old < 2h) return fmt::format(", {} min ago", old / 1min);
  if (old < 48h) return fmt::format(", {} h ago", old / 1h);
  return fmt::format(", {} days ago", old / 24h);
}

std::string verdict_line(const json& verdict) {
  std::string readers;
  for (const json& reader : member(verdict, "readers")) {
    readers += (readers.empty() ? "" : ", ") + shown_text(json{{"r", reader}}, "r");
  }
  const auto zone = shown_text(verdict, "zone", "");
  auto where = zone.empty() ? readers : fmt::format("{} ({})", zone, readers);
  if (shown_text(verdict, "direction", "") == name(gate::Direction::exit)) where += ", way out";
  return shown_text(verdict, "decision") == "admit"
             ? fmt::format("now      {}: would be admitted\n", where)
             : fmt::format("now      {}: would be refused, {}\n", where,
                           why(shown_text(verdict, "reason")));
}

std::string provider_lines(const json& answer, WallTime now) {
  const json& belief = member(answer, "belief");
  const auto provider = shown_text(answer, "provider");
  const auto knowledge = shown_text(belief, "knowledge");
  if (knowledge == "no_provider") return "provider none: validity is not checked\n";
  std::string lines = fmt::format("provider {}: ", provider);
  if (knowledge == "listed") {
    lines += fmt::format("says {}", shown_text(belief, "state"));
    const auto from = shown_text(belief, "valid_from", "");
    const auto until = shown_text(belief, "valid_until", "");
    if (!from.empty()) lines += fmt::format(", from {}", from);
    if (!until.empty()) lines += fmt::format(", until {}", until);
  } else {
    lines += knowledge == "not_listed" ? "does not list it" : "has not been heard of yet";
  }
  return lines + fmt::format("\n         list complete as of {}{}\n",
                             shown_text(belief, "swept_at", "never"),
                             time_since(member(belief, "swept_at"), now));
}

std::string uses_line(const json& history) {
  std::string line =
      fmt::format("uses     {} that this terminal knows of", shown_text(history, "uses", "0"));
  if (!shown_text(history, "first_use", "").empty()) {
    line += fmt::format(", the first {} at {}", shown_text(history, "first_use"),
                        shown_text(history, "first_reader"));
  }
  return line + "\n";
}

}  // namespace

std::string pass_page(const json& answer, WallTime now) {
  std::string page = fmt::format("pass     {}  {}  {}\n", shown_text(answer, "pass"),
                                 shown_text(answer, "template"), shown_text(answer, "pass_id"));
  const json& verdicts = member(answer, "now");
  for (const json& verdict : verdicts) page += verdict_line(verdict);
  if (verdicts.empty()) page += "now      no reader in gate mode asks for this pass\n";
  page += provider_lines(answer, now) + uses_line(member(answer, "history"));
  const json& taps = member(answer, "taps");
  for (const json& tap : taps) {
    // A line of `passgate taps` has the time of day; these may be of any day.
    page += fmt::format("tap      {}  {}\n", shown_text(tap, "time").substr(0, 10), tap_line(tap));
  }
  if (taps.empty()) page += "tap      none in the journal\n";
  return page;
}

void add_pass(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<PassOptions>();
  CLI::App* command =
      app.add_subcommand("pass", "What this terminal believes about a pass, and why");
  command
      ->add_option("template", options->pass_template, "Its template, or the name of its [[pass]]")
      ->required();
  command->add_option("id", options->pass_id, "Its pass id")->required();
  command->add_option("--config", options->config, "Configuration file");
  command->add_flag("--json", options->as_json, "passgated's answer as one JSON object");
  command->callback([options, &exit_status] { exit_status = show_pass(*options); });
}

}  // namespace passgate::cli
