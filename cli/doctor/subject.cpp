// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/subject.h"

#include <unistd.h>

#include <algorithm>
#include <future>
#include <thread>

#include "apdu/pcsc/context.h"
#include "cli/doctor/finding.h"
#include "cli/terminal.h"
#include "runtime/system_clock.h"

namespace passgate::cli::doctor {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds kPcscdPatience = 5s;
constexpr int kLooks = 15;
constexpr Milliseconds kLookPause = 200ms;

Result<std::vector<std::string>> list_readers() {
  const auto context = apdu::pcsc::Context::establish();
  if (!context) return std::unexpected(context.error());
  return context->readers();
}

/// A pcscd that is stopped answers never, and no time limit of libpcsclite's
/// helps. The thread that waits for it is then left behind; so will the process
/// be, soon.
Result<std::vector<std::string>> ask_pcscd() {
  std::promise<Result<std::vector<std::string>>> promise;
  auto readers = promise.get_future();
  std::thread([promise = std::move(promise)]() mutable {
    promise.set_value(list_readers());
  }).detach();
  if (readers.wait_for(kPcscdPatience) == std::future_status::ready) return readers.get();
  return fail(Errc::deadline_exceeded);
}

/// Whether what was asked has found its feet: daemons that were started a moment
/// ago look for each other and for the readers.
bool is_settled(const Subject& subject) {
  if (!subject.core || !subject.sync) return true;  // Nothing to wait for.
  if (subject.sync->value("core", "") != "connected") return false;
  if (!subject.core->value("pcsc", false)) return !subject.readers;
  const auto readers = subject.core->value("readers", nlohmann::json::array());
  if (subject.readers && readers.size() < subject.readers->size()) return false;
  return std::ranges::none_of(
      readers, [](const auto& one) { return one.value("state", "") == "unavailable"; });
}

void ask_daemons(Subject& subject) {
  subject.core = ask_status(subject.config.terminal.control_sock());
  subject.sync = ask_status(subject.config.terminal.sync_sock());
}

}  // namespace

Subject look_at(runtime::Config config, std::filesystem::path config_file,
                std::filesystem::path root, std::optional<std::filesystem::path> pass_file) {
  const runtime::SystemClock clock;
  Subject subject{.config = std::move(config),
                  .config_file = std::move(config_file),
                  .root = std::move(root),
                  .is_root = ::geteuid() == 0,
                  .pass_file = std::move(pass_file),
                  .clock = clock.state(),
                  .now = clock.now()};
  subject.readers = ask_pcscd();
  ask_daemons(subject);
  for (int i = 0; i < kLooks && !is_settled(subject); ++i) {
    std::this_thread::sleep_for(kLookPause);
    ask_daemons(subject);
  }
  return subject;
}

std::string again_as_root(const Subject& subject) {
  std::string command = "sudo passgate doctor";
  if (subject.config_file != kDefaultConfig) {
    command += " --config " + word(subject.config_file.string());
  }
  if (subject.pass_file) command += " --pass " + word(subject.pass_file->string());
  return command;
}

}  // namespace passgate::cli::doctor
