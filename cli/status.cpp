// SPDX-License-Identifier: Apache-2.0
#include "cli/status.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <memory>

#include "cli/shown_text.h"
#include "cli/terminal.h"

namespace passgate::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

int show_status(const std::string& config, bool as_json) {
  const auto terminal = find_terminal(config);
  if (!terminal) return refuse(terminal.error());
  const auto core = ask_status(terminal->control_sock());
  const auto sync = ask_status(terminal->sync_sock());
  const json core_json = core ? *core : json();
  const json sync_json = sync ? *sync : json();
  if (as_json) {
    fmt::print("{}\n", json{{"passgated", core_json}, {"passgate-syncd", sync_json}}.dump());
  } else {
    fmt::print("{}", status_page(core_json, sync_json));
  }
  if (!core) refuse(silent(terminal->control_sock(), "passgated", core.error()));
  if (!sync) refuse(silent(terminal->sync_sock(), "passgate-syncd", sync.error()));
  return core ? EX_OK : EX_UNAVAILABLE;
}

const json& rows_of(const json& object, const char* key) {
  static const json nothing = json::array();
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

/// How a reader is called in events, and by pcscd where that is another name.
std::string reader_line(const json& reader) {
  const auto pcsc = shown_text(reader, "name");
  const auto ours = shown_text(reader, "reader", pcsc.c_str());
  return fmt::format("reader   {}  {}{}\n", ours, shown_text(reader, "state"),
                     ours == pcsc ? "" : fmt::format("  ({})", pcsc));
}

std::string zone_line(const json& zone) {
  const auto inside = shown_text(zone, "inside", "0");
  const auto capacity = shown_text(zone, "capacity", "");
  return fmt::format("zone     {}  {} inside{}\n", shown_text(zone, "zone"), inside,
                     capacity.empty()     ? ""
                     : inside == capacity ? fmt::format(" of {}  FULL", capacity)
                                          : fmt::format(" of {}", capacity));
}

std::string core_page(const json& core) {
  const json journal = core.value("journal", json::object());
  std::string page = fmt::format(
      "terminal {}  passgated {}  up {} s  clock {}\n"
      "journal  {}  {} taps written, {} taken over by passgate-syncd\n",
      shown_text(core, "terminal"), shown_text(core, "version"), shown_text(core, "uptime_s"),
      shown_text(core, "clock"), journal.value("healthy", false) ? "healthy" : "OUT OF ORDER",
      shown_text(journal, "last_position"), shown_text(journal, "acknowledged"));
  for (const json& reader : rows_of(core, "readers")) page += reader_line(reader);
  for (const json& pass : rows_of(core, "passes")) {
    page += fmt::format("pass     {}  ", shown_text(pass, "name"));
    page += pass.contains("provider")
                ? fmt::format("provider {}  validity as of {}{}\n", shown_text(pass, "provider"),
                              shown_text(pass, "swept_at", "never"),
                              pass.value("stale", false) ? "  STALE" : "")
                : "no provider: validity is not checked\n";
  }
  for (const json& zone : rows_of(core, "zones")) page += zone_line(zone);
  const json taps = core.value("taps", json::object());
  const json outcomes = taps.value("outcomes", json::object());
  for (const auto& [outcome, count] : outcomes.items()) {
    page += fmt::format("taps     {:<24} {}\n", outcome, count.dump());
  }
  const json stages = taps.value("stages", json::object());
  for (const auto& [stage, times] : stages.items()) {
    page += fmt::format("stage    {:<9} p50 <= {} us  p99 <= {} us\n", stage,
                        shown_text(times, "p50_us"), shown_text(times, "p99_us"));
  }
  return page;
}

/// A number that is nothing to speak of while it is 0.
std::string counted(const json& one, const char* key, const char* word) {
  const auto count = shown_text(one, key, "0");
  return count == "0" ? "" : fmt::format("  {} {}", count, word);
}

/// What is on the way to a provider or subscriber, and what never arrived.
std::string backlog(const json& one, const char* failed_key) {
  std::string text = fmt::format("  queued {}", shown_text(one, "queued"));
  const auto since = shown_text(one, "oldest_queued", "");
  if (!since.empty()) text += fmt::format(" since {}", since);
  return text + counted(one, failed_key, "failed") + counted(one, "ambiguous", "ambiguous") +
         counted(one, "unmapped", "with a status no map knows");
}

std::string sweep(const json& one) {
  const auto found = one.find("sweep");
  if (found == one.end() || !found->is_object()) return "";
  return fmt::format("         sweeping {}  {} of {}  since {}\n", shown_text(*found, "template"),
                     shown_text(*found, "rows", "0"), shown_text(*found, "total", "?"),
                     shown_text(*found, "since"));
}

std::string pushes(const json& one) {
  const auto found = one.find("pushes");
  if (found == one.end() || !found->is_object() || found->empty()) return "";
  std::string line = "         pushes ";
  for (const auto& [key, value] : found->items()) {
    if (value.is_number()) line += fmt::format(" {} {}", key, value.dump());
  }
  const auto refusal = shown_text(*found, "last_refusal", "");
  if (!refusal.empty()) line += fmt::format("  last refused: {}", refusal);
  return line + "\n";
}

/// One provider or subscriber. @param failed_key  How it counts what was given up.
std::string peer_line(const char* what, const json& one, const char* failed_key) {
  std::string lines = fmt::format("{:<8} {}", what, shown_text(one, "name"));
  if (one.contains("kind")) lines += fmt::format(" ({})", shown_text(one, "kind"));
  lines += fmt::format("  {}", shown_text(one, "state"));
  const auto error = shown_text(one, "last_error", "");
  if (!error.empty()) {
    const auto status = shown_text(one, "last_status", "");
    lines += fmt::format(" ({}{}{})", error, status.empty() ? "" : ", HTTP ", status);
  }
  lines += backlog(one, failed_key) + "\n";
  for (const json& each : rows_of(one, "templates")) {
    lines += fmt::format("         template {}  complete as of {}\n", shown_text(each, "template"),
                         shown_text(each, "completed_at", "never"));
  }
  return lines + sweep(one) + pushes(one);
}

}  // namespace

std::string status_page(const json& core, const json& sync) {
  std::string page =
      core.is_null() ? "passgated  not running: nobody is admitted\n" : core_page(core);
  if (sync.is_null()) return page + "syncd    not running: validity ages, events wait\n";
  page += fmt::format("syncd    journal taken over up to {}\n", shown_text(sync, "cursor"));
  for (const json& one : rows_of(sync, "providers")) page += peer_line("provider", one, "refused");
  for (const json& one : rows_of(sync, "subscribers")) page += peer_line("webhook", one, "dead");
  return page;
}

void add_status(CLI::App& app, int& exit_status) {
  struct Options {
    std::string config = kDefaultConfig;
    bool as_json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("status", "How this terminal is");
  command->add_option("--config", options->config, "Configuration file");
  command->add_flag("--json", options->as_json, "Both daemons' answers as one JSON object");
  command->callback(
      [options, &exit_status] { exit_status = show_status(options->config, options->as_json); });
}

}  // namespace passgate::cli
