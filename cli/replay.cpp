// SPDX-License-Identifier: Apache-2.0
#include "cli/replay.h"

#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "apdu/outcome_text.h"
#include "apdu/recording.h"
#include "cli/key_files.h"
#include "cli/opened_json.h"

namespace passgate::cli {
namespace {

using apdu::Recording;
using nlohmann::ordered_json;

constexpr std::size_t kReadAtMost = std::size_t{1024} * 1024 + 1;  // one more than is accepted

/// A recording waits for nobody: in it no time passes.
class StillClock final : public Clock {
 public:
  WallTime now() const override { return {}; }
  MonoTime monotonic() const override { return {}; }
  ClockState state() const override { return ClockState::synchronised; }
};

struct Pass {
  std::string line;   ///< As the recording's `=>` line.
  ordered_json json;  ///< As `passgate decrypt` prints it.
};

struct Replayed {
  std::string outcome;
  std::size_t exchanges = 0;
  std::vector<Pass> passes;
  std::vector<std::string> differences;  ///< From the recording; empty: none.
};

using Rings = std::vector<crypto::VasKeyRing>;  ///< One for each merchant.

std::optional<std::string> read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kReadAtMost, '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(text.size())) && !in.eof()) {
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

std::string hex_or_end(const Bytes& bytes) {
  return bytes.empty() ? "the end" : to_hex(bytes);
}

std::vector<Pass> open_all(const apdu::ApplePasses& found, const Rings& rings) {
  std::vector<Pass> passes;
  for (const auto& sealed : found.sealed) {
    const auto& ring = rings[sealed.merchant];
    const auto opened = ring.open(sealed.cryptogram);
    passes.push_back({.line = apdu::opening_text(ring.id(), opened),
                      .json = opened_json(ring.id(), sealed.cryptogram, opened)});
  }
  return passes;
}

void compare(const apdu::Contact& contact, const apdu::ScriptedCard& card, bool has_keys,
             Replayed& replayed) {
  auto& differences = replayed.differences;
  if (const auto& mismatch = card.mismatch()) {
    differences.push_back("exchange " + std::to_string(mismatch->index + 1) + ": recorded " +
                          hex_or_end(mismatch->expected) + ", sent " + to_hex(mismatch->actual));
  } else if (!card.finished()) {
    differences.push_back("ended after " + std::to_string(card.played()) + " of " +
                          std::to_string(contact.exchanges.size()) + " exchanges");
  }
  if (!contact.outcome.empty() && contact.outcome != replayed.outcome) {
    differences.push_back("recorded outcome: " + contact.outcome);
  }
  if (contact.openings.empty() || !has_keys) return;
  for (std::size_t i = 0; i < std::max(contact.openings.size(), replayed.passes.size()); ++i) {
    const auto recorded = i < contact.openings.size() ? contact.openings[i] : "no pass";
    const auto opened = i < replayed.passes.size() ? replayed.passes[i].line : "no pass";
    if (recorded != opened) differences.push_back("recorded pass: " + recorded);
  }
}

Replayed replay(const Recording& recording, const apdu::Contact& contact, const Rings& rings,
                bool has_keys) {
  apdu::ScriptedCard card(contact.script());
  apdu::AppleVasSession session(apdu::vas_request(recording.profile));
  const auto outcome = apdu::drive(session, card, StillClock());
  Replayed replayed;
  replayed.outcome = apdu::outcome_text(outcome);
  replayed.exchanges = card.played();
  if (const auto* passes = outcome ? std::get_if<apdu::ApplePasses>(&*outcome) : nullptr) {
    replayed.passes = open_all(*passes, rings);
  }
  compare(contact, card, has_keys, replayed);
  return replayed;
}

void print(std::size_t number, const Replayed& replayed, std::ostream& out) {
  out << number << ". " << replayed.outcome << "  (" << replayed.exchanges << " exchanges)\n";
  for (const auto& pass : replayed.passes) {
    out << "   ";
    if (pass.json.contains("error")) {
      out << pass.json["error"].get<std::string>() << ": "
          << pass.json["message"].get<std::string>();
    } else {
      out << pass.json["pass_type_id"].get<std::string>() << "  "
          << pass.json["timestamp"].get<std::string>() << "  " << one_line(pass.json["payload"]);
    }
    out << '\n';
  }
  for (const auto& difference : replayed.differences) out << "   DIFFERS  " << difference << '\n';
}

void print_json(std::size_t number, const Replayed& replayed, std::ostream& out) {
  ordered_json passes = ordered_json::array();
  for (const auto& pass : replayed.passes) passes.push_back(pass.json);
  out << one_line({{"contact", number},
                   {"outcome", replayed.outcome},
                   {"exchanges", replayed.exchanges},
                   {"passes", std::move(passes)},
                   {"differences", replayed.differences}})
      << '\n';
}

int make_rings(const Recording& recording, const ReplayOptions& options, Rings& rings,
               std::ostream& err) {
  for (const auto& id : recording.profile.merchants) {
    auto& ring = rings.emplace_back(id);
    for (const auto& key : recording.keys) {
      if (!ring.add(key)) {
        err << "passgate: " << options.file.string() << ": a key is no P-256 scalar\n";
        return EX_DATAERR;
      }
    }
    if (const int status = add_key_files(options.keys, ring, err); status != EX_OK) return status;
  }
  return EX_OK;
}

}  // namespace

int run_replay(const ReplayOptions& options, std::ostream& out, std::ostream& err) {
  const auto text = read_text(options.file);
  if (!text) {
    err << "passgate: " << options.file.string() << ": " << std::generic_category().message(errno)
        << '\n';
    return EX_NOINPUT;
  }
  const auto recording = apdu::parse_recording(*text);
  if (!recording) {
    err << "passgate: " << options.file.string() << ':' << recording.error().line << ": "
        << recording.error().message << '\n';
    return EX_DATAERR;
  }
  Rings rings;
  if (const int status = make_rings(*recording, options, rings, err); status != EX_OK)
    return status;
  const bool has_keys = !options.keys.empty() || !recording->keys.empty();
  bool equal = true;
  for (std::size_t i = 0; i < recording->contacts.size(); ++i) {
    const auto replayed = replay(*recording, recording->contacts[i], rings, has_keys);
    options.json ? print_json(i + 1, replayed, out) : print(i + 1, replayed, out);
    equal = equal && replayed.differences.empty();
  }
  out.flush();
  return equal ? EX_OK : EX_DATAERR;
}

void add_replay(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<ReplayOptions>();
  auto* command = app.add_subcommand("replay", "Run a recorded tap through the protocol engine");
  command->add_option("file", options->file, "a recording (.apdu)")->type_name("FILE")->required();
  command->add_option("--key", options->keys, "P-256 private key to open passes; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->add_flag("--json", options->json, "one JSON line per contact");
  command->callback(
      [options, &exit_status] { exit_status = run_replay(*options, std::cout, std::cerr); });
}

}  // namespace passgate::cli
