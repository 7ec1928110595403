// SPDX-License-Identifier: Apache-2.0
#include "cli/operator_acts.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sysexits.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "cli/shown_text.h"
#include "cli/terminal.h"
#include "runtime/account_limit.h"

namespace passgate::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

struct ActOptions {
  std::string config = kDefaultConfig;
  std::string tap_id;
  std::string why;
  std::string operator_id;
  bool as_json = false;
};

/// Who logged in, also behind sudo; without a login the process's user.
std::string login_name() {
  std::array<char, 256> name{};
  if (::getlogin_r(name.data(), name.size()) == 0) return name.data();
  std::array<char, 4096> room{};
  ::passwd entry{};
  ::passwd* found = nullptr;
  const int failed = ::getpwuid_r(::getuid(), &entry, room.data(), room.size(), &found);
  if (failed == 0 && found != nullptr) return found->pw_name;
  return fmt::format("uid {}", ::getuid());
}

int exit_code_of(const std::string& error) {
  const bool storage = error.starts_with("storage_");
  if (storage) return EX_IOERR;
  return error == name(Errc::use_taken) ? EX_TEMPFAIL : EX_DATAERR;
}

int act(const ActOptions& options, const char* type) {
  const auto terminal = find_terminal(options.config);
  if (!terminal) return refuse(terminal.error());
  auto client = call(terminal->control_sock(), "passgated");
  if (!client) return refuse(client.error());
  const auto answer =
      client->ask({{"type", type},
                   {"tap_id", options.tap_id},
                   {"operator", options.operator_id.empty() ? login_name() : options.operator_id},
                   {"why", options.why}},
                  5s);
  if (!answer) {
    return refuse(
        {EX_UNAVAILABLE, fmt::format("passgated does not answer ({}): whether it was done, "
                                     "'passgate taps' says",
                                     name(answer.error().code()))});
  }
  if (answer->value("type", "") != "act") {
    const auto error = shown_text(*answer, "error");
    return refuse(
        {exit_code_of(error), act_refusal(error, shown_text(json{{"t", options.tap_id}}, "t"))});
  }
  fmt::print("{}\n", options.as_json ? answer->dump() : act_sentence(*answer));
  return EX_OK;
}

CLI::App* add_act(CLI::App& app, const char* name, const char* what, ActOptions& options) {
  CLI::App* command = app.add_subcommand(name, what);
  command->add_option("TAP_ID", options.tap_id, "As 'passgate taps --ids' shows it")->required();
  command->add_option("--why", options.why, "In a few words; it is kept and told")->required();
  command->add_option("--operator", options.operator_id, "Who decides; else the login name");
  command->add_option("--config", options.config, "Configuration file");
  command->add_flag("--json", options.as_json, "passgated's answer as one JSON object");
  return command;
}

}  // namespace

std::string act_sentence(const json& answer) {
  const json tap = answer.value("tap", json::object());
  const bool undo = tap.value("kind", "") == "undo";
  const auto pass = shown_text(tap, "pass_id", "");
  std::string line = fmt::format(
      "{}{} by {}: {} {}",
      answer.value("new", false) ? "" : "stands already: ", undo ? "undone" : "admitted",
      shown_text(tap, "operator"), shown_text(tap, "pass"), pass.empty() ? "(not opened)" : pass);
  if (tap.contains("use")) line += fmt::format(", use {}", shown_text(tap, "use"));
  if (tap.contains("party") && tap.at("party") != 1) {
    line += fmt::format(", {} people", shown_text(tap, "party"));
  }
  if (!undo && !tap.value("needed", false)) line += "; the rules would admit it by now";
  return line + fmt::format("\n{} {}", undo ? "undo" : "override", shown_text(tap, "tap_id"));
}

std::string act_refusal(const std::string& error, const std::string& tap) {
  if (error == name(Errc::no_such_tap)) {
    return fmt::format(
        "the journal of this terminal has no tap {}: 'passgate taps --ids' lists "
        "them; a tap of another terminal is dealt with there",
        tap);
  }
  if (error == name(Errc::not_refused)) {
    return "that tap was no refusal, so there is nothing to override; 'passgate undo' takes an "
           "admission back";
  }
  if (error == name(Errc::not_overridable)) {
    return "that refusal may not be overridden: [override] allow in the configuration says which "
           "reasons may; one whose override was undone needs a new tap";
  }
  if (error == name(Errc::not_admitted)) {
    return "that tap is neither an admission nor an override, so there is nothing to undo";
  }
  if (error == name(Errc::bad_value)) {
    return fmt::format(
        "passgated takes a tap id, a name of up to {} bytes and a reason of up to 500, each in "
        "one line",
        runtime::kLongestAccount);
  }
  if (error == name(Errc::use_taken)) {
    return "the pass is being tapped at this moment: nothing was done, try again";
  }
  return fmt::format("passgated answers {}: nothing was done; see docs/errors.md", error);
}

void add_operator_acts(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<ActOptions>();
  add_act(app, "override", "Let in whom a tap refused, by a person's decision", *options)
      ->callback([options, &exit_status] { exit_status = act(*options, "override"); });
  add_act(app, "undo", "Take an admission or an override back", *options)
      ->callback([options, &exit_status] { exit_status = act(*options, "undo"); });
}

}  // namespace passgate::cli
