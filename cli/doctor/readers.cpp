// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "apdu/pcsc/return_code.h"
#include "cli/doctor/checks.h"
#include "cli/shown_text.h"

namespace passgate::cli::doctor {
namespace {

using nlohmann::json;

/// What passgated says of pcscd; absent: it says nothing.
std::optional<bool> passgated_has_pcscd(const Subject& subject) {
  if (!subject.core || !subject.core->contains("pcsc")) return std::nullopt;
  return subject.core->value("pcsc", false);
}

bool may_not_ask(const Subject& subject) {
  return !subject.is_root && apdu::pcsc::return_code_name(subject.readers.error().detail()) ==
                                 "SCARD_W_SECURITY_VIOLATION";
}

std::string what_pcscd_said(const Error& error) {
  if (error.code() == Errc::deadline_exceeded) return "no answer";
  return std::string(apdu::pcsc::return_code_name(error.detail()));
}

/// passgated's state of a reader; empty: it does not run or does not know it.
std::string state_of(const Subject& subject, const std::string& reader) {
  if (!subject.core) return "";
  for (const json& one : subject.core->value("readers", json::array())) {
    if (shown_text(one, "name") == reader) return shown_text(one, "state");
  }
  return "";
}

Finding judge_reader(const Subject& subject, const std::string& reader) {
  const auto what = "reader " + reader;
  const runtime::ReaderConfig* ours = subject.config.reader_for(reader);
  if (ours == nullptr) {
    return worry(what, "no [[reader]] matches it, so it is not used",
                 "sudoedit " + word(subject.config_file.string()));
  }
  const auto state = state_of(subject, reader);
  if (state == "stuck") {
    return broken(what, "a call to it does not return: unplug it and plug it in again",
                  "sudo systemctl restart pcscd");
  }
  if (state == "unavailable") {
    return broken(what, "passgated cannot reach it: cable, power, or another program has it",
                  "sudo systemctl restart pcscd");
  }
  return good(
      what, fmt::format("[[reader]] {}, mode {}{}{}", ours->name.empty() ? ours->match : ours->name,
                        ours->mode == runtime::ReaderMode::gate ? "gate" : "wedge",
                        state.empty() ? "" : ", ", state));
}

}  // namespace

Findings check_pcscd(const Subject& subject) {
  const std::string what = "pcscd";
  const auto has = passgated_has_pcscd(subject);
  if (has == false && subject.readers) {
    return {broken(what, "it answers here, but passgated cannot reach it",
                   "sudo systemctl restart pcscd passgated")};
  }
  if (subject.readers) return {good(what, "answers")};
  if (has == true) return {good(what, "answers passgated")};
  const auto said = what_pcscd_said(subject.readers.error());
  if (may_not_ask(subject)) return {unseen(what, "refuses this user", again_as_root(subject))};
  if (subject.readers.error().code() == Errc::deadline_exceeded) {
    return {broken(what, "does not answer", "sudo systemctl restart pcscd")};
  }
  return {broken(what, fmt::format("cannot be reached ({})", said),
                 "sudo systemctl enable --now pcscd.socket")};
}

Findings check_readers(const Subject& subject) {
  if (!subject.readers) return {};  // Said of pcscd.
  if (subject.readers->empty()) {
    return {broken("readers", "pcscd sees none: plug one in; if one is, its driver is missing",
                   "sudo apt-get install libccid && sudo systemctl restart pcscd")};
  }
  Findings found;
  for (const std::string& reader : *subject.readers) {
    found.push_back(judge_reader(subject, reader));
  }
  for (const auto& wanted : subject.config.readers) {
    const bool has = std::ranges::any_of(*subject.readers, [&](const std::string& reader) {
      return subject.config.reader_for(reader) == &wanted;
    });
    if (has) continue;
    found.push_back(worry(
        "reader " + (wanted.name.empty() ? wanted.match : wanted.name),
        fmt::format("nothing plugged in belongs to this [[reader]] (match = {})", wanted.match),
        "passgate status"));
  }
  return found;
}

}  // namespace passgate::cli::doctor
