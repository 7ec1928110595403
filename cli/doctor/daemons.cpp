// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "cli/doctor/checks.h"
#include "cli/shown_text.h"

namespace passgate::cli::doctor {
namespace {

using nlohmann::json;

/// Why a daemon is silent, and what that means.
Finding silent(const Subject& subject, const std::string& daemon, const Error& why,
               const std::string& consequence) {
  if (why.code() == Errc::unreachable && why.detail() == EACCES) {
    return unseen(daemon, "its socket is for root and the group passgate", again_as_root(subject));
  }
  if (why.code() == Errc::unreachable) {
    return broken(daemon,
                  fmt::format("not running ({}): {}; if it does not stay up: journalctl -u {}",
                              std::generic_category().message(why.detail()), consequence, daemon),
                  "sudo systemctl start " + daemon);
  }
  return broken(daemon,
                fmt::format("does not answer ({}): {}", passgate::name(why.code()), consequence),
                "sudo systemctl restart " + daemon);
}

/// A daemon of another version goes on after an upgrade until it is started again.
std::optional<Finding> other_version(const std::string& daemon, const json& said) {
  const auto version = shown_text(said, "version");
  if (version == PASSGATE_VERSION) return std::nullopt;
  return worry(daemon, fmt::format("version {} runs, {} is installed", version, PASSGATE_VERSION),
               "sudo systemctl restart " + daemon);
}

std::string since(const Subject& subject, const json& core) {
  const auto uptime = core.value("uptime_s", std::int64_t{0});
  return to_rfc3339(subject.now - std::chrono::seconds(uptime));
}

}  // namespace

Findings check_configuration(const Subject& subject) {
  const auto& config = subject.config;
  Findings found{good("configuration", fmt::format("{} is valid: {} readers, {} passes",
                                                   subject.config_file.string(),
                                                   config.readers.size(), config.passes.size()))};
  if (config.readers.empty()) {
    found.push_back(worry("configuration", "no [[reader]]: no card is looked at",
                          "sudoedit " + word(subject.config_file.string())));
  }
  if (config.passes.empty()) {
    found.push_back(
        worry("configuration",
              "no [[pass]] is configured, so nothing can be read: make a key, then name "
              "it in a [[pass]] (docs/install.md)",
              "sudo passgate keys new /etc/passgate/keys/ticket.pem"));
  }
  return found;
}

Findings check_passgated(const Subject& subject) {
  const std::string daemon = "passgated";
  if (!subject.core) {
    return {silent(subject, daemon, subject.core.error(), "nobody is admitted, nothing is typed")};
  }
  const json& said = *subject.core;
  if (auto other = other_version(daemon, said)) return {*other};
  const json journal = said.value("journal", json::object());
  if (!journal.value("healthy", false)) {
    return {broken(daemon, "its journal is out of order: gates deny everybody (out_of_order)",
                   "sudo journalctl -u passgated -n 50")};
  }
  return {
      good(daemon, fmt::format("{}, since {}", shown_text(said, "version"), since(subject, said)))};
}

Findings check_syncd(const Subject& subject) {
  const std::string daemon = "passgate-syncd";
  if (!subject.sync) {
    return {silent(subject, daemon, subject.sync.error(), "validity ages, events wait")};
  }
  if (auto other = other_version(daemon, *subject.sync)) return {*other};
  if (shown_text(*subject.sync, "core") != "connected") {
    return {broken(daemon, "does not hear from passgated: no tap is reported",
                   "sudo systemctl restart passgated passgate-syncd")};
  }
  return {good(daemon, shown_text(*subject.sync, "version"))};
}

Findings check_clock(const Subject& subject) {
  const std::string what = "clock";
  const std::string time = to_rfc3339(subject.now);
  const std::string mend = "sudo timedatectl set-ntp true";
  switch (subject.clock) {
    case ClockState::synchronised: return {good(what, time + ", synchronised")};
    case ClockState::holdover:
      return {worry(what, time + ", and nobody corrects it: it will drift", mend)};
    case ClockState::unset: break;
  }
  return {broken(what, time + " is certainly wrong: Apple passes are refused", mend)};
}

}  // namespace passgate::cli::doctor
