// SPDX-License-Identifier: Apache-2.0
#include "cli/deliveries.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <algorithm>
#include <memory>

#include "cli/shown_text.h"
#include "cli/terminal.h"

namespace passgate::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr unsigned kMostAtOnce = 100;  // sync.sock gives no more in one answer.

struct DeliveriesOptions {
  std::string config = kDefaultConfig;
  bool only_failed = false;
  unsigned limit = 20;
  bool as_json = false;
  std::int64_t id = 0;
};

using Asked = std::expected<json, Refusal>;

/// One question to passgate-syncd. An "error" answer is a value.
Asked ask(const DeliveriesOptions& options, const json& message) {
  const auto terminal = find_terminal(options.config);
  if (!terminal) return std::unexpected(terminal.error());
  auto client = call(terminal->sync_sock(), "passgate-syncd");
  if (!client) return std::unexpected(client.error());
  auto answer = client->ask(message, 5s);
  if (answer) return std::move(*answer);
  return std::unexpected(
      Refusal{EX_UNAVAILABLE, fmt::format("passgate-syncd does not answer ({}); is it running? "
                                          "systemctl status passgate-syncd",
                                          name(answer.error().code()))});
}

bool is_error(const json& answer) {
  return answer.value("type", "") == "error";
}

Refusal unexpected_answer(const json& answer) {
  return {EX_SOFTWARE, fmt::format("passgate-syncd answers {}: see docs/errors.md",
                                   shown_text(answer, "error"))};
}

/// `limit` entries, asked for a page at a time.
Asked fetch(const DeliveriesOptions& options) {
  json all = json::array();
  json question{{"type", "deliveries"}, {"failed", options.only_failed}};
  while (all.size() < options.limit) {
    const auto missing = options.limit - static_cast<unsigned>(all.size());
    question["limit"] = std::min(missing, kMostAtOnce);
    const auto answer = ask(options, question);
    if (!answer) return answer;
    if (is_error(*answer)) return std::unexpected(unexpected_answer(*answer));
    const json page = answer->value("deliveries", json::array());
    if (page.empty()) break;
    all.insert(all.end(), page.begin(), page.end());
    question["before"] = page.back().value("id", std::int64_t{1});
  }
  return all;
}

int list_deliveries(const DeliveriesOptions& options) {
  const auto deliveries = fetch(options);
  if (!deliveries) return refuse(deliveries.error());
  if (options.as_json) {
    for (const json& each : *deliveries) fmt::print("{}\n", each.dump());
  } else if (deliveries->empty()) {
    fmt::print(stderr, "{}\n", options.only_failed ? "nothing has failed" : "no deliveries yet");
  } else {
    const auto now = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
    fmt::print("{}", deliveries_table(*deliveries, now));
  }
  return EX_OK;
}

int show(const DeliveriesOptions& options) {
  const auto answer = ask(options, {{"type", "deliveries"}, {"id", options.id}});
  if (!answer) return refuse(answer.error());
  if (is_error(*answer)) return refuse(unexpected_answer(*answer));
  const json found = answer->value("deliveries", json::array());
  if (found.empty()) {
    return refuse({EX_DATAERR, refusal_sentence({{"why", "unknown"}}, options.id)});
  }
  fmt::print("{}", options.as_json ? found[0].dump() + "\n" : delivery_page(found[0]));
  return EX_OK;
}

/// @param type  What to ask for. @param done  What to tell when it is granted.
int order(const DeliveriesOptions& options, const char* type, const char* done) {
  const auto answer = ask(options, {{"type", type}, {"id", options.id}});
  if (!answer) return refuse(answer.error());
  if (is_error(*answer)) {
    if (answer->contains("why")) {
      return refuse({EX_DATAERR, refusal_sentence(*answer, options.id)});
    }
    return refuse(unexpected_answer(*answer));
  }
  fmt::print("{}\n", options.as_json ? answer->dump() : std::string(done));
  return EX_OK;
}

/// The event's kind is the end of its id: TAP-scanned, TAP-redemption.
std::string what(const json& delivery) {
  const auto event = shown_text(delivery, "event");
  const auto dash = event.rfind('-');
  return dash == std::string::npos ? event : event.substr(dash + 1);
}

std::string age(const json& delivery, WallTime now) {
  const auto created = from_rfc3339(shown_text(delivery, "created"));
  if (!created) return "-";
  const auto seconds = std::max(std::chrono::floor<std::chrono::seconds>(now - *created), 0s);
  if (seconds < 2min) return fmt::format("{}s", seconds.count());
  if (seconds < 2h) return fmt::format("{}m", seconds / 1min);
  if (seconds < 48h) return fmt::format("{}h", seconds / 1h);
  return fmt::format("{}d", seconds / 24h);
}

std::string or_dash(std::string text) {
  return text.empty() ? "-" : std::move(text);
}

}  // namespace

std::string deliveries_table(const json& deliveries, WallTime now) {
  constexpr const char* kRow = "{:>8}  {:<16} {:<10} {:<36} {:<9} {:>8}  {:>5}  {}\n";
  std::string table =
      fmt::format(kRow, "ID", "TO", "WHAT", "PASS", "STATE", "ATTEMPTS", "AGE", "LAST ERROR");
  for (const json& each : deliveries) {
    table += fmt::format(kRow, shown_text(each, "id"), shown_text(each, "destination"), what(each),
                         or_dash(shown_text(each, "pass")), shown_text(each, "state"),
                         shown_text(each, "attempts"), age(each, now),
                         or_dash(shown_text(each, "last_error")));
  }
  return table;
}

std::string delivery_page(const json& delivery) {
  std::string page = fmt::format(
      "{} {} to {}\nevent    {}\npass     {}\nstate    {}, {} attempts{}\ncreated  {}\n"
      "finished {}\n",
      shown_text(delivery, "kind"), shown_text(delivery, "id"), shown_text(delivery, "destination"),
      shown_text(delivery, "event"), or_dash(shown_text(delivery, "pass")),
      shown_text(delivery, "state"), shown_text(delivery, "attempts"),
      shown_text(delivery, "state") == "queued" || shown_text(delivery, "state") == "waiting"
          ? " so far"
          : "",
      shown_text(delivery, "created"), shown_text(delivery, "finished"));
  for (const json& each : delivery.value("tries", json::array())) {
    const auto error = shown_text(each, "error", "");
    page += fmt::format("try      {}  {:>6} ms  {:<9}  {}\n", shown_text(each, "at"),
                        shown_text(each, "took_ms"), shown_text(each, "status", "no answer"),
                        error.empty() ? "ok" : error);
  }
  return page;
}

std::string refusal_sentence(const json& answer, std::int64_t id) {
  const auto why = shown_text(answer, "why");
  if (why == "unknown") {
    return fmt::format("there is no delivery {}: 'passgate deliveries' lists what is kept", id);
  }
  if (why == "not_failed") {
    return fmt::format(
        "delivery {} has not failed, so it is not sent again: 'passgate deliveries show {}' says "
        "how it stands",
        id, id);
  }
  if (why == "use_undone") {
    return fmt::format(
        "the use that delivery {} tells was undone, so it is not sent again: whoever is to be let "
        "in taps again",
        id);
  }
  if (why == "not_recorded") {
    return fmt::format(
        "delivery {} is no redemption that its provider has recorded, so there is nothing to take "
        "back: 'passgate deliveries show {}' says what it is",
        id, id);
  }
  if (why == "undone") {
    return fmt::format(
        "delivery {} is being taken back or was already: look for 'undo' in 'passgate deliveries'",
        id);
  }
  return fmt::format("passgate-syncd refuses it for delivery {} ({})", id, why);
}

void add_deliveries(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<DeliveriesOptions>();
  CLI::App* command =
      app.add_subcommand("deliveries", "What was sent, or is to be, newest first; again, please");
  command->add_option("--config", options->config, "Configuration file");
  command->add_flag("--failed", options->only_failed, "Only what was given up or is not certain");
  command->add_option("-n,--limit", options->limit, "How many")
      ->check(CLI::Range(1U, 10'000U))
      ->capture_default_str();
  command->add_flag("--json", options->as_json, "One JSON object a line");
  command->require_subcommand(0, 1);
  CLI::App* one = command->add_subcommand("show", "One delivery with every attempt");
  CLI::App* again = command->add_subcommand("redeliver", "Send a failed one again");
  CLI::App* undo = command->add_subcommand("undo", "Take a recorded redemption back");
  for (CLI::App* each : {one, again, undo}) {
    each->fallthrough();  // --config and --json may stand behind as well.
    each->add_option("ID", options->id, "As in the list")
        ->required()
        ->check(CLI::Range(std::int64_t{1}, INT64_MAX));
  }
  command->callback([=, &exit_status] {
    if (*one) {
      exit_status = show(*options);
    } else if (*again) {
      exit_status = order(*options, "redeliver", "queued, behind what its pass has open");
    } else if (*undo) {
      exit_status = order(*options, "undo", "queued: the provider is told to take it back");
    } else {
      exit_status = list_deliveries(*options);
    }
  });
}

}  // namespace passgate::cli
