// SPDX-License-Identifier: Apache-2.0
#include "cli/taps.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <cstdio>
#include <memory>

#include "cli/shown_text.h"
#include "cli/terminal.h"
#include "gate/vocabulary.h"

namespace passgate::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

struct TapsOptions {
  std::string config = kDefaultConfig;
  unsigned count = 20;
  bool follow = false;
  bool with_ids = false;
  bool all = false;
  bool as_json = false;
};

void print(const json& tap, const TapsOptions& options) {
  if (options.as_json) {
    fmt::print("{}\n", tap.dump());
  } else if (options.with_ids) {
    fmt::print("{:<36}  {}\n", shown_text(tap, "tap_id"), tap_line(tap));
  } else {
    fmt::print("{}\n", tap_line(tap));
  }
  std::fflush(stdout);
}

int lost(const Error& error) {
  fmt::print(stderr, "passgate: passgated went away ({})\n", name(error.code()));
  return EX_UNAVAILABLE;
}

int list_taps(runtime::SocketClient& client, const TapsOptions& options) {
  const auto answer = client.ask({{"type", "taps"}, {"limit", options.count}}, 5s);
  if (!answer) return lost(answer.error());
  const json taps = answer->value("taps", json::array());
  for (const json& tap : taps) print(tap, options);
  if (taps.empty() && !options.as_json) fmt::print(stderr, "no taps yet\n");
  return EX_OK;
}

/// The whole journal, oldest first.
int list_all(runtime::SocketClient& client, const TapsOptions& options) {
  for (std::uint64_t after = 0;;) {
    const auto answer = client.ask({{"type", "taps"}, {"after", after}, {"limit", 256}}, 5s);
    if (!answer) return lost(answer.error());
    const json taps = answer->value("taps", json::array());
    const auto last = answer->value("last", std::uint64_t{0});
    for (const json& tap : taps) print(tap, options);
    if (taps.empty() || last <= after) return EX_OK;
    after = last;
  }
}

int follow(runtime::SocketClient& client, const TapsOptions& options) {
  const auto asked = client.send({{"type", "follow"}}, std::chrono::steady_clock::now() + 5s);
  if (!asked) return lost(asked.error());
  for (;;) {
    const auto message = client.receive(std::chrono::steady_clock::now() + 1h);
    if (message) {
      if (message->value("type", "") == "tap") print(message->at("tap"), options);
    } else if (message.error().code() != Errc::deadline_exceeded) {
      return lost(message.error());
    }
  }
}

int show_taps(const TapsOptions& options) {
  const auto terminal = find_terminal(options.config);
  if (!terminal) return refuse(terminal.error());
  auto client = call(terminal->control_sock(), "passgated");
  if (!client) return refuse(client.error());
  if (options.all) return list_all(*client, options);
  return options.follow ? follow(*client, options) : list_taps(*client, options);
}

std::string text(const json& tap, const char* key) {
  return shown_text(tap, key, "");
}

/// What a person did, in the column of the reasons; else the reason.
std::string what_happened(const json& tap) {
  const auto kind = text(tap, "kind");
  return kind == "override" || kind == "undo" ? kind : text(tap, "reason");
}

}  // namespace

std::string tap_line(const json& tap) {
  // 2026-11-20T19:04:11.482Z → 19:04:11.482; the date is in --json.
  const std::string time = text(tap, "time");
  std::string line =
      fmt::format("{}  {:<12} {:<5} {:<17}", time.size() > 23 ? time.substr(11, 12) : time,
                  text(tap, "reader"), text(tap, "decision"), what_happened(tap));
  const auto reason = gate::reason_from(text(tap, "reason"));
  if (reason && gate::is_own_fault(*reason)) line += " (not checked)";
  const std::string pass_id = text(tap, "pass_id");
  if (tap.contains("pass")) {
    line += fmt::format(" {:<6} {} {}", text(tap, "wallet"), text(tap, "pass"),
                        pass_id.empty() ? "-" : pass_id);
  }
  if (text(tap, "kind") == "conflict") {
    line += fmt::format("  conflict {} of {}{}", text(tap, "conflict"), text(tap, "refers"),
                        text(tap, "flag") == "withdrawn" ? ", withdrawn" : "");
  }
  if (tap.contains("use") && !tap.at("use").is_null()) line += " use " + text(tap, "use");
  if (tap.contains("party") && tap.at("party") != 1) line += " party " + text(tap, "party");
  const std::string flag = text(tap, "flag");
  const bool said = flag.empty() || flag == "none" || flag == "withdrawn";
  if (!said) line += " " + flag;
  if (tap.contains("first_use")) {
    line += fmt::format("  first used {} at {}", text(tap, "first_use"), text(tap, "first_reader"));
  }
  if (tap.contains("operator")) {
    line += fmt::format("  by {} ({})", text(tap, "operator"), text(tap, "why"));
    if (tap.contains("refers")) line += " of tap " + text(tap, "refers");
  } else if (tap.contains("stages_us")) {
    const json& us = tap.at("stages_us");
    line +=
        fmt::format("  {}  own {} us (session {}, open {}, decide {}, journal {})  reader {} us",
                    text(tap, "typed"), text(us, "own"), text(us, "session"), text(us, "open"),
                    text(us, "decide"), text(us, "journal"), text(us, "exchange"));
  }
  return line;
}

void add_taps(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<TapsOptions>();
  CLI::App* command = app.add_subcommand("taps", "What this terminal did, newest last");
  command->add_option("--config", options->config, "Configuration file");
  command->add_option("-n,--count", options->count, "How many")->check(CLI::Range(1U, 256U));
  command->add_flag("-f,--follow", options->follow, "Watch taps as they happen");
  command->add_flag("--ids", options->with_ids, "Tap ids, too: for override and undo");
  command->add_flag("--all", options->all, "The whole journal, oldest first")
      ->excludes("--follow")
      ->excludes("--count");
  command->add_flag("--json", options->as_json, "One JSON object a line");
  command->callback([options, &exit_status] { exit_status = show_taps(*options); });
}

}  // namespace passgate::cli
