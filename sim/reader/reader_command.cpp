// SPDX-License-Identifier: Apache-2.0
#include "sim/reader/reader_command.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/reader/descriptor.h"
#include "sim/reader/pcscd_rig.h"

namespace passgate::sim {
namespace {

struct FaultOrder {
  std::string card;
  std::vector<std::string> words;
};

/// Blocked before pcscd starts, so that none of them is lost.
Descriptor end_signals() {
  sigset_t wanted;
  ::sigemptyset(&wanted);
  ::sigaddset(&wanted, SIGTERM);
  ::sigaddset(&wanted, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  return Descriptor(::signalfd(-1, &wanted, SFD_CLOEXEC));
}

void announce(const VirtualReaderRig& rig) {
  auto readers = nlohmann::json::array();
  for (std::size_t i = 0; i < rig.names().size(); ++i) {
    readers.push_back({{"name", rig.names()[i]}, {"card", rig.card(i).native()}});
  }
  const nlohmann::ordered_json ready{{"event", "ready"},
                                     {"socket", rig.socket().native()},
                                     {"pcscd", rig.pcscd_pid()},
                                     {"readers", readers}};
  fmt::print("{}\n", ready.dump());
  std::fflush(stdout);
}

int run_readers(const VirtualReaderRig::Options& options) {
  const Descriptor signals = end_signals();
  const auto rig = VirtualReaderRig::start(options);
  if (!rig) {
    fmt::print(stderr, "passgate-sim: pcscd with virtual readers does not start: {} ({})\n",
               name(rig.error().code()), rig.error().detail());
    return rig.error().code() == Errc::bad_value ? EX_USAGE : EX_UNAVAILABLE;
  }
  announce(**rig);
  std::array<pollfd, 2> watched{
      {{signals.get(), POLLIN, 0}, {(*rig)->end_descriptor(), POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) < 0) {
  }
  if (watched[0].revents != 0) return EX_OK;
  fmt::print(stderr, "passgate-sim: pcscd has ended\n");
  return EX_UNAVAILABLE;
}

int send_fault(const FaultOrder& order) {
  const auto text = fmt::format("{}", fmt::join(order.words, " "));
  const auto sent = order_fault(order.card, text);
  if (sent) return EX_OK;
  const bool unknown = sent.error().code() == Errc::bad_value;
  fmt::print(stderr, "passgate-sim: {}\n",
             unknown ? fmt::format("'{}' is not a fault", text)
                     : fmt::format("no virtual reader at {}", order.card));
  return unknown ? EX_USAGE : EX_UNAVAILABLE;
}

}  // namespace

void add_reader(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<VirtualReaderRig::Options>();
  auto directory = std::make_shared<std::string>();
  auto driver = std::make_shared<std::string>();
  auto* reader = app.add_subcommand(
      "reader", "Run a private pcscd with virtual readers; prints one JSON line when ready");
  reader->add_option("--dir", *directory, "Folder for sockets, configuration and log");
  reader->add_option("--count", options->readers, "How many readers")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  reader->add_option("--name", options->name, "PC/SC name; pcscd appends a number")
      ->capture_default_str();
  reader->add_option("--driver", *driver, "Driver module; default: beside this program");

  auto order = std::make_shared<FaultOrder>();
  auto* fault = reader->add_subcommand("fault", "Order a fault from a running virtual reader");
  fault->add_option("--card", order->card, "The reader's card socket")->required();
  fault
      ->add_option("order", order->words,
                   "gone | back | errors N | delay MS | hang | resume | short N")
      ->required()
      ->expected(1, 2);
  fault->callback([order, &exit_status] { exit_status = send_fault(*order); });

  reader->callback([reader, options, directory, driver, &exit_status] {
    if (!reader->get_subcommands().empty()) return;
    options->directory = *directory;
    options->driver = *driver;
    exit_status = run_readers(*options);
  });
}

}  // namespace passgate::sim
