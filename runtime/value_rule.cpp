// SPDX-License-Identifier: Apache-2.0
#include "runtime/value_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "runtime/toml_text.h"
#include "runtime/url_rule.h"

namespace passgate::runtime {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// A part between the dots of a host name.
bool is_label(std::string_view label) {
  constexpr std::size_t kLongest = 63;  // RFC 1035
  return !label.empty() && label.size() <= kLongest && label.front() != '-' &&
         label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

}  // namespace

std::optional<std::string> pointer_problem(std::string_view pointer) {
  if (!pointer.starts_with('/')) return "must be a JSON pointer, which begins with /";
  for (auto at = pointer.find('~'); at != std::string_view::npos; at = pointer.find('~', at + 1)) {
    const std::string_view next = pointer.substr(at + 1, 1);
    if (next != "0" && next != "1") return "must be a JSON pointer: ~ is written ~0, / is ~1";
  }
  return std::nullopt;
}

std::optional<std::string> path_problem(std::string_view path,
                                        std::span<const std::string_view> words) {
  if (!path.starts_with('/')) return "must begin with /";
  if (const auto odd = url_problem(fmt::format("https://host{}", path))) return odd;
  if (path.contains('#')) return "may not hold #: what follows it is never sent";
  if (const std::string word = unknown_word(path, words); !word.empty()) {
    return fmt::format("holds the unknown {}", toml_string("{" + word + "}"));
  }
  return std::nullopt;
}

std::optional<std::string> pass_path_problem(std::string_view path) {
  constexpr std::array<std::string_view, 2> kWords = {"id", "serial"};
  if (auto wrong = path_problem(path, kWords)) return wrong;
  if (path.contains("{id}") || path.contains("{serial}")) return std::nullopt;
  return "names no pass: it would be the same for all";
}

std::optional<std::string> field_name_problem(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const bool good = !name.empty() && name.size() <= kLongest &&
                    std::ranges::all_of(
                        name, [&](char c) { return is_letter_or_digit(c) || kMarks.contains(c); });
  if (good) return std::nullopt;
  return fmt::format("must be the name of an HTTP field, {} bytes at most", kLongest);
}

std::optional<std::string> dns_name_problem(std::string_view name) {
  constexpr std::size_t kLongest = 253;  // RFC 1035, as text
  bool good = name.size() <= kLongest;
  for (std::string_view rest = name; good;) {
    const auto dot = rest.find('.');
    good = is_label(rest.substr(0, dot));
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (good) return std::nullopt;
  return "must be a DNS name";
}

std::optional<std::string> json_object_problem(std::string_view text) {
  constexpr std::size_t kLongest = std::size_t{16} * 1024;
  if (text.size() > kLongest) return fmt::format("may have {} bytes at most", kLongest);
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return "is not JSON";
  if (!json.is_object()) return "must be a JSON object";
  return std::nullopt;
}

std::string unknown_word(std::string_view text, std::span<const std::string_view> words) {
  for (auto open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string_view word = text.substr(open + 1, close - open - 1);
    if (std::ranges::find(words, word) == words.end()) return std::string(word);
  }
  return "";
}

}  // namespace passgate::runtime
