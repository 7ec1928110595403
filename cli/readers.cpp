// SPDX-License-Identifier: Apache-2.0
#include "cli/readers.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <memory>

#include "cli/shown_text.h"
#include "cli/terminal.h"

namespace passgate::cli {
namespace {

using nlohmann::json;

struct ReadersOptions {
  std::string config = kDefaultConfig;
  bool as_json = false;
};

int show_readers(const ReadersOptions& options) {
  const auto config = runtime::load_config(options.config);
  if (!config) return refuse(unreadable(config.error()));
  const auto socket = config->terminal.control_sock();
  const auto core = ask_status(socket);
  if (!core) return refuse(silent(socket, "passgated", core.error()));
  const json readers = readers_json(*core, *config);
  if (options.as_json) {
    fmt::print("{}\n", readers.dump(-1, ' ', false, json::error_handler_t::replace));
  } else {
    fmt::print("{}", readers_page(readers));
  }
  return EX_OK;
}

std::string passes_of(const json& reader) {
  std::string names;
  for (const json& pass : reader.at("passes")) {
    names += (names.empty() ? "" : ", ") + pass.get<std::string>();
  }
  return names.empty() ? "every pass" : names;
}

}  // namespace

json readers_json(const json& core, const runtime::Config& config) {
  json readers = json::array();
  for (json reader : core.value("readers", json::array())) {
    if (const auto* ours = config.reader_for(reader.value("name", ""))) {
      reader["mode"] = ours->mode == runtime::ReaderMode::gate ? "gate" : "wedge";
      reader["zone"] = ours->zone;
      reader["direction"] = ours->direction;
      reader["passes"] = ours->passes;
    }
    readers.push_back(std::move(reader));
  }
  return {{"pcsc", core.value("pcsc", false)}, {"readers", std::move(readers)}};
}

std::string readers_page(const json& readers) {
  if (!readers.at("pcsc").get<bool>()) return "pcscd cannot be reached: no reader\n";
  if (readers.at("readers").empty()) return "pcscd lists no reader\n";
  std::string page;
  for (const json& reader : readers.at("readers")) {
    page += fmt::format("{}  {}  {} visits  ({})\n", shown_text(reader, "reader"),
                        shown_text(reader, "state"), shown_text(reader, "visits", "0"),
                        shown_text(reader, "name"));
    if (!reader.contains("mode")) {
      page += "         no [[reader]] matches it: it is not used\n";
      continue;
    }
    const auto zone = shown_text(reader, "zone", "");
    page += fmt::format("         {}, {}{}, {}\n", shown_text(reader, "mode"),
                        shown_text(reader, "direction"), zone.empty() ? "" : " to " + zone,
                        passes_of(reader));
  }
  return page;
}

void add_readers(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<ReadersOptions>();
  CLI::App* command = app.add_subcommand("readers", "The readers, and what each is for");
  command->add_option("--config", options->config, "Configuration file");
  command->add_flag("--json", options->as_json, "One JSON object");
  command->callback([options, &exit_status] { exit_status = show_readers(*options); });
}

}  // namespace passgate::cli
