// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/cloud_command.h"

#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>

#include "runtime/system_clock.h"
#include "sim/cloud/sandbox_cloud.h"
#include "sim/files.h"
#include "sim/serving.h"

namespace passgate::sim {
namespace {

constexpr std::size_t kLargestPassFile = std::size_t{256} << 20;

struct Arguments {
  std::string kind = "passninja";
  std::string listen = "127.0.0.1:0";
  std::string account;
  std::string api_key_file;
  std::string passes;
  std::string log;
  std::string faults;
  std::size_t max_per_page = 100;
  double rps = 0;
};

Result<PassBook> read_passes(const std::string& path) {
  const auto text = read_file(path, kLargestPassFile);
  if (!text) return std::unexpected(text.error());
  const auto parsed = nlohmann::json::parse(text_of(text->expose()), nullptr, false);
  return PassBook::read(parsed);
}

int run(const Arguments& arguments) {
  auto key = read_line(arguments.api_key_file);
  if (!key) return complain(arguments.api_key_file, key.error(), EX_NOINPUT);
  auto book = read_passes(arguments.passes);
  if (!book) {
    const bool unread = book.error().code() == Errc::secret_unreadable;
    return complain(arguments.passes, book.error(), unread ? EX_NOINPUT : EX_DATAERR);
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
  SandboxCloud cloud({arguments.account, std::move(*key), arguments.max_per_page, arguments.rps},
                     std::move(*book), std::move(*faults), std::move(log), clock);
  return serve(arguments.listen, [&cloud](const HttpRequest& r) { return cloud.answer(r); });
}

}  // namespace

void add_cloud(CLI::App& app, int& exit_status) {
  auto* command = app.add_subcommand("cloud", "A sandbox account of a pass cloud");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("--kind", arguments->kind, "Whose API")
      ->check(CLI::IsMember({"passninja"}))
      ->capture_default_str();
  command->add_option("--listen", arguments->listen, "Loopback address; port 0: any free one")
      ->capture_default_str();
  command->add_option("--account", arguments->account, "Account id, aid_0x…")->required();
  command->add_option("--api-key-file", arguments->api_key_file, "File with the API key")
      ->required();
  command->add_option("--passes", arguments->passes, "Templates and passes, JSON")->required();
  command->add_option("--log", arguments->log, "Append every request as a JSON line");
  command->add_option("--faults", arguments->faults,
                      "KIND[=VALUE][*TIMES][@METHOD],… e.g. 429=2*3,drop-after*1@PATCH,slow=500; "
                      "kinds: 429 5xx drop-before drop-after slow html cut-off half-json "
                      "same-page changing-total");
  command->add_option("--max-per-page", arguments->max_per_page, "Passes a page at most")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--rps", arguments->rps, "Requests a second; above: 429. 0: no limit")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->callback([arguments, &exit_status] { exit_status = run(*arguments); });
}

}  // namespace passgate::sim
