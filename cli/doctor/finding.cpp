// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/finding.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace passgate::cli::doctor {
namespace {

constexpr std::array<std::string_view, 4> kNames{"ok", "warn", "fail", "skip"};

std::string_view name(Health health) {
  return kNames[static_cast<std::size_t>(health)];
}

std::string for_terminal(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F) c = '?';
  }
  return text;
}

auto count(const Findings& findings, Health health) {
  return std::ranges::count(findings, health, &Finding::health);
}

}  // namespace

Finding good(std::string what, std::string detail) {
  return {Health::ok, std::move(what), std::move(detail), ""};
}

Finding worry(std::string what, std::string detail, std::string mend) {
  return {Health::warn, std::move(what), std::move(detail), std::move(mend)};
}

Finding broken(std::string what, std::string detail, std::string mend) {
  return {Health::fail, std::move(what), std::move(detail), std::move(mend)};
}

Finding unseen(std::string what, std::string detail, std::string mend) {
  return {Health::skip, std::move(what), std::move(detail), std::move(mend)};
}

std::string page(const Findings& findings) {
  std::string text;
  for (const Finding& one : findings) {
    text += fmt::format("{:<4}  {}  — {}\n", name(one.health), for_terminal(one.what),
                        for_terminal(one.detail));
    if (!one.mend.empty()) text += fmt::format("      {}\n", for_terminal(one.mend));
  }
  return text;
}

nlohmann::ordered_json to_json(const Findings& findings) {
  nlohmann::ordered_json all{{"findings", nlohmann::ordered_json::array()}};
  for (const Finding& one : findings) {
    nlohmann::ordered_json entry{
        {"health", name(one.health)}, {"what", one.what}, {"detail", one.detail}};
    if (!one.mend.empty()) entry["mend"] = one.mend;
    all["findings"].push_back(std::move(entry));
  }
  for (const Health health : {Health::ok, Health::warn, Health::fail, Health::skip}) {
    all[std::string(name(health))] = count(findings, health);
  }
  return all;
}

int exit_status(const Findings& findings) {
  return count(findings, Health::fail) == 0 ? EX_OK : EX_UNAVAILABLE;
}

std::string word(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace passgate::cli::doctor
