// SPDX-License-Identifier: Apache-2.0
#include "cli/status.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <memory>

#include "cli/terminal.h"

namespace passgate::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

std::expected<json, Refusal> ask(const std::filesystem::path& socket, const std::string& daemon) {
  auto client = call(socket, daemon);
  if (!client) return std::unexpected(client.error());
  auto answer = client->ask({{"type", "status"}}, 5s);
  if (answer) return std::move(*answer);
  return std::unexpected(Refusal{
      EX_UNAVAILABLE, fmt::format("{} does not answer ({})", daemon, name(answer.error().code()))});
}

int run(const std::string& config, bool as_json) {
  const auto terminal = find_terminal(config);
  if (!terminal) {
    fmt::print(stderr, "passgate: {}\n", terminal.error().text);
    return terminal.error().exit_code;
  }
  const auto core = ask(terminal->control_sock(), "passgated");
  const auto sync = ask(terminal->sync_sock(), "passgate-syncd");
  const json core_json = core ? *core : json();
  const json sync_json = sync ? *sync : json();
  if (as_json) {
    fmt::print("{}\n", json{{"passgated", core_json}, {"passgate-syncd", sync_json}}.dump());
  } else if (core) {
    fmt::print("{}", status_page(core_json, sync_json));
  }
  if (!core) fmt::print(stderr, "passgate: {}\n", core.error().text);
  if (!sync) fmt::print(stderr, "passgate: {}\n", sync.error().text);
  return core ? EX_OK : EX_UNAVAILABLE;
}

std::string text(const json& object, const char* key, const char* otherwise = "-") {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return otherwise;
  return found->is_string() ? found->get<std::string>() : found->dump();
}

const json& list(const json& object, const char* key) {
  static const json nothing = json::array();
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

std::string core_page(const json& core) {
  const json journal = core.value("journal", json::object());
  std::string page = fmt::format(
      "terminal {}  passgated {}  up {} s  clock {}\n"
      "journal  {}  {} taps written, {} taken over by passgate-syncd\n",
      text(core, "terminal"), text(core, "version"), text(core, "uptime_s"), text(core, "clock"),
      journal.value("healthy", false) ? "healthy" : "OUT OF ORDER", text(journal, "last_position"),
      text(journal, "acknowledged"));
  for (const json& reader : list(core, "readers")) {
    page += fmt::format("reader   {}  {}\n", text(reader, "name"), text(reader, "state"));
  }
  for (const json& pass : list(core, "passes")) {
    page += fmt::format("pass     {}  ", text(pass, "name"));
    page += pass.contains("provider")
                ? fmt::format("provider {}  validity as of {}\n", text(pass, "provider"),
                              text(pass, "swept_at", "never"))
                : "no provider: validity is not checked\n";
  }
  const json taps = core.value("taps", json::object());
  const json outcomes = taps.value("outcomes", json::object());
  for (const auto& [outcome, count] : outcomes.items()) {
    page += fmt::format("taps     {:<24} {}\n", outcome, count.dump());
  }
  const json stages = taps.value("stages", json::object());
  for (const auto& [stage, times] : stages.items()) {
    page += fmt::format("stage    {:<9} p50 <= {} us  p99 <= {} us\n", stage, text(times, "p50_us"),
                        text(times, "p99_us"));
  }
  return page;
}

}  // namespace

std::string status_page(const json& core, const json& sync) {
  std::string page = core_page(core);
  if (sync.is_null()) return page + "syncd    not running: validity ages, events wait\n";
  page += fmt::format("syncd    journal taken over up to {}\n", text(sync, "cursor"));
  for (const char* kind : {"providers", "subscribers"}) {
    for (const json& one : list(sync, kind)) {
      page += fmt::format("{:<8} {}", kind == std::string("providers") ? "provider" : "webhook",
                          text(one, "name"));
      for (const auto& [key, value] : one.items()) {
        const bool says_nothing = value.is_null() || value.is_structured() ||
                                  (value.is_string() && value.get<std::string>().empty());
        if (key != "name" && !says_nothing)
          page += fmt::format("  {} {}", key, text(one, key.c_str()));
      }
      page += "\n";
    }
  }
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
      [options, &exit_status] { exit_status = run(options->config, options->as_json); });
}

}  // namespace passgate::cli
