// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/tap_command.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <thread>

#include "runtime/system_clock.h"
#include "sim/json_lines.h"
#include "sim/serving.h"
#include "sim/tap/phone_choice.h"
#include "sim/tap/reader_link.h"
#include "sim/tap/vscard_link.h"

namespace passgate::sim {
namespace {

constexpr Milliseconds kHello{5'000};  ///< For a virtual machine to answer.

struct Arguments {
  std::string reader;
  std::string vscard;
  PhoneChoice phone;
  std::int64_t hold_ms = 2000;
  std::int64_t gap_ms = 250;
  std::int64_t silence_ms = 1000;
  std::size_t count = 1;
  bool json = false;
};

std::string statuses_text(const Visit& visit) {
  std::string text;
  for (const auto sw : visit.statuses) text += fmt::format(" {:04X}", sw);
  return text;
}

void report(const Visit& visit, std::size_t n, bool json) {
  if (!json) {
    fmt::print("tap {}: {} commands,{}; {} after {:.1f} ms\n", n, visit.commands,
               statuses_text(visit), name(visit.departure),
               static_cast<double>(visit.in_field.count()) / 1000.0);
    return;
  }
  auto statuses = nlohmann::json::array();
  for (const auto sw : visit.statuses) statuses.push_back(fmt::format("{:04X}", sw));
  JsonLines::standard_output()({{"event", "tap"},
                                {"n", n},
                                {"departure", name(visit.departure)},
                                {"powered", visit.powered},
                                {"commands", visit.commands},
                                {"answered", visit.answered},
                                {"statuses", std::move(statuses)},
                                {"in_field_us", visit.in_field.count()},
                                {"talking_us", visit.talking.count()}});
}

/// Enters the field that the command line names, and stays until the visit is over.
Result<Visit> visit_of(Phone& phone, const Arguments& arguments) {
  const Milliseconds at_most{arguments.hold_ms};
  if (!arguments.vscard.empty()) {
    auto link = VscardLink::enter(arguments.vscard, kHello);
    if (!link) return std::unexpected(link.error());
    return link->hold(phone, at_most, Milliseconds{arguments.silence_ms});
  }
  auto link = ReaderLink::enter(arguments.reader);
  if (!link) return std::unexpected(link.error());
  return link->hold(phone, at_most);
}

/// 0, or EX_TEMPFAIL when a reader did not talk to the phone in time.
int run(const Arguments& arguments) {
  const runtime::SystemClock clock;
  int status = EX_OK;
  for (std::size_t n = 0; n < arguments.count; ++n) {
    // A phone that comes back at once would be the same visit to a reader that
    // looks at its field now and then.
    if (n > 0) std::this_thread::sleep_for(Milliseconds{arguments.gap_ms});
    auto phone = make_phone(arguments.phone, n, clock);
    if (!phone) return complain("tap", phone.error().message, phone.error().status);
    const auto visit = visit_of(**phone, arguments);
    if (!visit) {
      return complain(arguments.reader + arguments.vscard, visit.error(), EX_UNAVAILABLE);
    }
    report(*visit, n + 1, arguments.json);
    if (visit->commands == 0) status = EX_TEMPFAIL;
  }
  return status;
}

void add_google_options(CLI::App& command, PhoneChoice& phone) {
  command.add_option("--collector-id", phone.collector_id, "Google: who may redeem the pass");
  command.add_option("--key-version", phone.key_version, "Google: of the collector's key; 1");
  command.add_option(
      "--object-type", phone.object_type,
      "Google: loyalty offer gift_card closed_loop event_ticket flight transit generic "
      "generic_private; generic");
  command.add_option("--object-id", phone.object_id,
                     "Google: 16 hex digits; the first 8 bytes of the payload's SHA-256");
  command.add_option("--pin", phone.pin, "Google: of the pass");
  command.add_flag("--older", phone.older, "Google: a phone that has to be selected twice");
  command.add_option("--frame", phone.frame, "Google: bytes in one answer; 250")
      ->check(CLI::Range(1, 256));
}

void add_phone_options(CLI::App& command, PhoneChoice& phone) {
  command.add_option("--wallet", phone.wallet, "Whose wallet")
      ->check(CLI::IsMember({"apple", "google"}))
      ->capture_default_str();
  auto* id = command.add_option("--pass-type-id", phone.pass_type_id, "Of the pass in the wallet");
  command.add_option("--key", phone.key_file,
                     "The terminal's or collector's public or private key");
  add_google_options(command, phone);
  auto* text = command.add_option("--payload", phone.payload, "Pass content, text");
  command.add_option("--payload-hex", phone.payload_hex, "Pass content, hex")->excludes(text);
  auto* stamp = command.add_option("--stamp", phone.stamp, "The phone's clock, RFC 3339");
  command.add_option("--stamp-skew", phone.stamp_skew_s, "Seconds its clock is fast (or slow)")
      ->check(CLI::Range(-1'000'000'000, 1'000'000'000))
      ->excludes(stamp);
  auto* locked = command.add_flag("--locked", phone.locked, "Its owner has to unlock it");
  auto* choose = command.add_flag("--choose", phone.choose, "Its owner has to pick a pass");
  auto* none = command.add_flag("--no-pass", phone.no_pass, "The wallet is empty");
  auto* tamper = command.add_flag("--tamper", phone.tamper, "One bit of the tag is wrong");
  locked->excludes(choose)->excludes(none)->excludes(tamper);
  choose->excludes(none)->excludes(tamper);
  none->excludes(tamper);
  auto* replay = command.add_option("--replay", phone.replay_file,
                                    "Answer as this recorded tap, of either wallet");
  auto* hostile = command.add_option(
      "--hostile", phone.hostile,
      "Attack: lying-fci lying-lengths endless-61 endless-6c empty one-byte oversize deep "
      "garbage leaves, as an Android phone endless-9100 zlib-bomb lying-ndef");
  auto* collector = command.get_option("--collector-id");
  replay->excludes(hostile)->excludes(id)->excludes(collector);
  hostile->excludes(id)->excludes(collector);
}

}  // namespace

void add_tap(CLI::App& app, int& exit_status) {
  auto* command = app.add_subcommand("tap", "Hold a virtual phone to a virtual reader");
  const auto arguments = std::make_shared<Arguments>();
  auto* where = command->add_option_group("reader", "Where it is held to");
  where->add_option("--reader", arguments->reader, "The virtual reader's card socket");
  where->add_option("--vscard", arguments->vscard,
                    "The socket of a USB reader in QEMU (ccid-card-passthru)");
  where->require_option(1);
  add_phone_options(*command, arguments->phone);
  command->add_option("--hold-ms", arguments->hold_ms, "Leave after this even if not released")
      ->check(CLI::Range(1, 3'600'000))
      ->capture_default_str();
  command->add_option("--count", arguments->count, "Taps, one after another")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--gap-ms", arguments->gap_ms, "Out of the field between two taps")
      ->check(CLI::Range(0, 60'000))
      ->capture_default_str();
  command
      ->add_option("--silence-ms", arguments->silence_ms,
                   "With --vscard: leave when nothing was asked for so long")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "One JSON line a tap");
  command->callback([arguments, &exit_status] { exit_status = run(*arguments); });
}

}  // namespace passgate::sim
