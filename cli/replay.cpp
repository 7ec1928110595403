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
#include <utility>
#include <variant>

#include "apdu/outcome_text.h"
#include "apdu/recording.h"
#include "cli/key_files.h"
#include "cli/object_json.h"
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
  std::string shown;  ///< For a person.
  ordered_json json;  ///< As `passgate decrypt` prints it, or object_json().
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

std::string shown_error(const ordered_json& json) {
  return json["error"].get<std::string>() + ": " + json["message"].get<std::string>();
}

std::string shown_apple(const ordered_json& json) {
  if (json.contains("error")) return shown_error(json);
  return json["pass_type_id"].get<std::string>() + "  " + json["timestamp"].get<std::string>() +
         "  " + one_line(json["payload"]);
}

std::vector<Pass> open_all(const apdu::ApplePasses& found, const Rings& rings) {
  std::vector<Pass> passes;
  for (const auto& sealed : found.sealed) {
    const auto& ring = rings[sealed.merchant];
    const auto opened = ring.open(sealed.cryptogram);
    auto json = opened_json(ring.id(), sealed.cryptogram, opened);
    passes.push_back({.line = apdu::opening_text(ring.id(), opened),
                      .shown = shown_apple(json),
                      .json = std::move(json)});
  }
  return passes;
}

std::vector<Pass> open_all(const apdu::SealedBundle& sealed) {
  const auto opened = apdu::open_bundle(sealed);
  const auto lines = apdu::object_texts(sealed.collector, opened);
  if (!opened) {
    auto json = bundle_error_json(opened.error());
    return {{.line = lines.at(0), .shown = shown_error(json), .json = std::move(json)}};
  }
  std::vector<Pass> passes;
  for (std::size_t i = 0; i < opened->size(); ++i) {
    const auto& object = (*opened)[i];
    passes.push_back({.line = lines.at(i),
                      .shown = object_line(sealed.collector, object),
                      .json = object_json(sealed.collector, object)});
  }
  return passes;
}

std::vector<Pass> open_all(const apdu::Outcome& outcome, const Rings& rings) {
  if (const auto* apple = std::get_if<apdu::ApplePasses>(&outcome)) return open_all(*apple, rings);
  const auto* sealed = apdu::sealed_bundle(outcome);
  return sealed == nullptr ? std::vector<Pass>{} : open_all(*sealed);
}

/// @param openable  Whether passes open at all, so that one missing is a difference.
void compare(const apdu::Contact& contact, const apdu::ScriptedCard& card, bool openable,
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
  if (contact.openings.empty() || !openable) return;
  for (std::size_t i = 0; i < std::max(contact.openings.size(), replayed.passes.size()); ++i) {
    const auto recorded = i < contact.openings.size() ? contact.openings[i] : "no pass";
    const auto opened = i < replayed.passes.size() ? replayed.passes[i].line : "no pass";
    if (recorded != opened) differences.push_back("recorded pass: " + recorded);
  }
}

/// Errors: bad_key (of an attempt).
Result<Replayed> replay(const Recording& recording, const apdu::Contact& contact,
                        const Rings& rings, bool has_keys) {
  auto request = apdu::wallet_request(recording, contact);
  if (!request) return std::unexpected(request.error());
  apdu::ScriptedCard card(contact.script());
  apdu::WalletTap session(std::move(*request));
  const auto outcome = apdu::drive(session, card, StillClock());
  Replayed replayed;
  replayed.outcome = apdu::outcome_text(outcome);
  replayed.exchanges = card.played();
  if (outcome) replayed.passes = open_all(*outcome, rings);
  // An iPhone's passes need keys; an Android phone's session brought its own.
  const bool android = !recording.apple || (outcome && apdu::sealed_bundle(*outcome) != nullptr);
  compare(contact, card, has_keys || android, replayed);
  return replayed;
}

void print(std::size_t number, const Replayed& replayed, std::ostream& out) {
  out << number << ". " << replayed.outcome << "  (" << replayed.exchanges << " exchanges)\n";
  for (const auto& pass : replayed.passes) out << "   " << pass.shown << '\n';
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
  if (!recording.apple) return EX_OK;
  for (const auto& id : recording.apple->merchants) {
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
    if (!replayed) {
      err << "passgate: " << options.file.string() << ": an ephemeral is no P-256 scalar\n";
      return EX_DATAERR;
    }
    options.json ? print_json(i + 1, *replayed, out) : print(i + 1, *replayed, out);
    equal = equal && replayed->differences.empty();
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
