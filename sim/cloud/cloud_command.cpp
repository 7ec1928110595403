// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/cloud_command.h"

#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "runtime/system_clock.h"
#include "sim/cloud/make_cloud_api.h"
#include "sim/cloud/push_sender.h"
#include "sim/cloud/sandbox_cloud.h"
#include "sim/files.h"
#include "sim/serving.h"

namespace passgate::sim {
namespace {

constexpr std::size_t kLargestPassFile = std::size_t{256} << 20;

struct Arguments {
  CloudOptions account;  ///< What needs no reading.
  std::string listen = "127.0.0.1:0";
  std::string api_key_file;
  std::string reader_token_file;
  std::string pairing_code_file;
  std::string passes;
  std::string log;
  std::string faults;
  std::string webhook;
  std::string webhook_secret_file;
};

Result<PassBook> read_passes(const std::string& path) {
  const auto text = read_file(path, kLargestPassFile);
  if (!text) return std::unexpected(text.error());
  const auto parsed = nlohmann::json::parse(text_of(text->expose()), nullptr, false);
  return PassBook::read(parsed);
}

/// Reads the file of a secret, where there is one. @return An exit status.
int read_secret(const std::string& path, SecretBytes& into) {
  if (path.empty()) return EX_OK;
  auto read = read_line(path);
  if (!read) return complain(path, read.error(), EX_NOINPUT);
  into = std::move(*read);
  return EX_OK;
}

/// @return An exit status.
int read_secrets(const Arguments& arguments, CloudOptions& account) {
  for (const auto& [path, into] :
       {std::pair{&arguments.api_key_file, &account.api_key},
        std::pair{&arguments.reader_token_file, &account.reader_token},
        std::pair{&arguments.pairing_code_file, &account.pairing_code},
        std::pair{&arguments.webhook_secret_file, &account.webhook_secret}}) {
    if (const int status = read_secret(*path, *into); status != EX_OK) return status;
  }
  return EX_OK;
}

/// What only makes sense together. @return An exit status.
int check(const Arguments& arguments) {
  const auto& kind = arguments.account.kind;
  if ((kind == "passninja" || kind == "passworks") && arguments.account.account_id.empty()) {
    return complain("--account", "this kind of cloud has accounts: name one", EX_USAGE);
  }
  if (arguments.webhook.empty() != arguments.webhook_secret_file.empty()) {
    return complain("--webhook", "goes with --webhook-secret-file", EX_USAGE);
  }
  if (!arguments.webhook.empty() && !PushSender::check(arguments.webhook)) {
    return complain(arguments.webhook, "http://127.0.0.1:PORT/… is wanted", EX_USAGE);
  }
  return EX_OK;
}

int serve_cloud(SandboxCloud& cloud, const Arguments& arguments) {
  std::optional<PushSender> sender;
  if (!arguments.webhook.empty()) {
    cloud.push_to([&](CloudApi::Push push) {
      // Made when first needed: its thread must start after serve() blocked the
      // signals, or one could end the program there.
      if (!sender) sender.emplace(PushSender::Options{.url = arguments.webhook});
      sender->submit(std::move(push));
    });
  }
  return serve(arguments.listen, [&cloud](const HttpRequest& r) { return cloud.answer(r); });
}

int run(Arguments& arguments) {
  if (const int status = check(arguments); status != EX_OK) return status;
  if (const int status = read_secrets(arguments, arguments.account); status != EX_OK) return status;
  auto read = read_passes(arguments.passes);
  if (!read) {
    const bool unread = read.error().code() == Errc::secret_unreadable;
    return complain(arguments.passes, read.error(), unread ? EX_NOINPUT : EX_DATAERR);
  }
  auto faults = FaultPlan::parse(arguments.faults);
  if (!faults) return complain("--faults", faults.error(), EX_USAGE);
  JsonLines log;
  if (!arguments.log.empty()) {
    auto opened = JsonLines::append_to(arguments.log);
    if (!opened) return complain(arguments.log, opened.error(), EX_CANTCREAT);
    log = std::move(*opened);
  }
  const runtime::SystemClock clock;
  auto book = std::make_unique<PassBook>(std::move(*read));
  const double requests_per_s = arguments.account.requests_per_s;
  auto api = make_cloud_api(std::move(arguments.account), *book, clock);
  if (!api) return complain(arguments.api_key_file, api.error(), EX_DATAERR);
  SandboxCloud cloud(std::move(book), std::move(*api), requests_per_s, std::move(*faults),
                     std::move(log), clock);
  return serve_cloud(cloud, arguments);
}

void add_account_options(CLI::App& command, Arguments& arguments) {
  auto& account = arguments.account;
  command.add_option("--kind", account.kind, "Whose API")
      ->check(CLI::IsMember(cloud_kinds()))
      ->capture_default_str();
  command.add_option("--account", account.account_id, "Account id, where the kind has one");
  command.add_option("--api-key-file", arguments.api_key_file, "File with the API key")->required();
  command.add_option("--reader-token-file", arguments.reader_token_file,
                     "Bearer of a reader or a paired scanner");
  command.add_option("--pairing-code-file", arguments.pairing_code_file,
                     "Code that pairs one scanner (passmint)");
  command
      .add_option("--rescan-window-s", account.rescan_window_s,
                  "A scan so soon after another is a replay (passninja)")
      ->capture_default_str();
  command.add_option("--max-per-page", account.max_per_page, "Passes a page at most")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command.add_option("--rps", account.requests_per_s, "Requests a second; above: 429. 0: no limit")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--webhook", arguments.webhook, "Push changes to this URL on loopback");
  command.add_option("--webhook-secret-file", arguments.webhook_secret_file,
                     "What authenticates the pushes");
  command.add_option("--signature-header", account.signature_header,
                     "Which header signs the pushes (passinstance)");
  command.add_flag("--old-events", account.old_events, "Push the older vocabulary (passmint)");
}

}  // namespace

void add_cloud(CLI::App& app, int& exit_status) {
  auto* command = app.add_subcommand("cloud", "A sandbox account of a pass cloud");
  const auto arguments = std::make_shared<Arguments>();
  add_account_options(*command, *arguments);
  command->add_option("--listen", arguments->listen, "Loopback address; port 0: any free one")
      ->capture_default_str();
  command->add_option("--passes", arguments->passes, "Templates and passes, JSON")->required();
  command->add_option("--log", arguments->log, "Append every request as a JSON line");
  command->add_option("--faults", arguments->faults,
                      "KIND[=VALUE][~PERCENT][*TIMES][@METHOD],… e.g. 429=2*3,drop-after~5@PATCH; "
                      "kinds: 429 5xx drop-before drop-after slow html cut-off half-json "
                      "same-page changing-total");
  command->callback([arguments, &exit_status] { exit_status = run(*arguments); });
}

}  // namespace passgate::sim
