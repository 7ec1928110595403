// SPDX-License-Identifier: Apache-2.0
#include "sim/subscriber/subscriber_command.h"

#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>

#include "runtime/system_clock.h"
#include "sim/files.h"
#include "sim/serving.h"
#include "sim/subscriber/subscriber.h"

namespace passgate::sim {
namespace {

struct Arguments {
  std::string listen = "127.0.0.1:0";
  std::string secret_file;
  std::string bearer_file;
  std::string log;
  unsigned fail = 0;
  int fail_status = 503;
  std::string consent;
  std::string rate = "*";
};

int run(const Arguments& arguments) {
  const auto secret = read_line(arguments.secret_file);
  if (!secret) return complain(arguments.secret_file, secret.error(), EX_NOINPUT);
  auto verifier = WebhookVerifier::from_secret(*secret);
  if (!verifier) return complain(arguments.secret_file, verifier.error(), EX_DATAERR);
  SecretBytes bearer;
  if (!arguments.bearer_file.empty()) {
    auto read = read_line(arguments.bearer_file);
    if (!read) return complain(arguments.bearer_file, read.error(), EX_NOINPUT);
    bearer = std::move(*read);
  }
  JsonLines log;
  if (!arguments.log.empty()) {
    auto opened = JsonLines::append_to(arguments.log);
    if (!opened) return complain(arguments.log, opened.error(), EX_CANTCREAT);
    log = std::move(*opened);
  }
  const runtime::SystemClock clock;
  Subscriber subscriber({std::move(*verifier), std::move(bearer), arguments.fail,
                         arguments.fail_status, arguments.consent, arguments.rate},
                        std::move(log), JsonLines::standard_output(), clock);
  return serve(arguments.listen,
               [&subscriber](const HttpRequest& r) { return subscriber.answer(r); });
}

}  // namespace

void add_subscriber(CLI::App& app, int& exit_status) {
  auto* command = app.add_subcommand("subscriber", "A backend that receives and checks webhooks");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("--listen", arguments->listen, "Loopback address; port 0: any free one")
      ->capture_default_str();
  command->add_option("--secret-file", arguments->secret_file, "File with whsec_…")->required();
  command->add_option("--bearer-file", arguments->bearer_file, "File with the bearer token");
  command->add_option("--log", arguments->log, "Append every delivery as a JSON line");
  command->add_option("--fail", arguments->fail, "Refuse this many deliveries first");
  command->add_option("--fail-status", arguments->fail_status, "With this status")
      ->check(CLI::Range(300, 599))
      ->capture_default_str();
  command->add_option("--consent", arguments->consent,
                      "Take deliveries only from this origin, or * for any that asks (OPTIONS)");
  command->add_option("--rate", arguments->rate, "How many a minute it consents to, or *")
      ->capture_default_str();
  command->callback([arguments, &exit_status] { exit_status = run(*arguments); });
}

}  // namespace passgate::sim
