// SPDX-License-Identifier: Apache-2.0
#include "sync/service/accept_language.h"

#include <algorithm>
#include <cctype>

namespace passgate::sync {

namespace {

/// More languages than this nobody speaks.
constexpr std::size_t kMostRanges = 32;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Cuts off what stands before `separator`, and leaves what stands behind it.
std::string_view next(std::string_view& rest, char separator) {
  const auto end = std::min(rest.find(separator), rest.size());
  const auto piece = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(piece);
}

/// "q=0.75" is 750; what does not read so is 0, "not acceptable".
int weight_of(std::string_view parameter) {
  if (parameter.empty()) return 1000;
  if (parameter.size() < 3 || (parameter[0] != 'q' && parameter[0] != 'Q') || parameter[1] != '=') {
    return 0;
  }
  const auto value = parameter.substr(2, 5);
  if (value[0] == '1') return 1000;
  if (value[0] != '0') return 0;
  int weight = 0;
  for (std::size_t i = 2, unit = 100; i < value.size(); ++i, unit /= 10) {
    if (value[i] < '0' || value[i] > '9') return 0;
    weight += (value[i] - '0') * static_cast<int>(unit);
  }
  return weight;
}

}  // namespace

std::string_view known_language(std::string_view tag, std::span<const std::string_view> have) {
  std::string lower(tag);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const std::string_view whole = lower;
  for (const auto wanted : {whole, whole.substr(0, whole.find('-'))}) {
    const auto found = std::ranges::find(have, wanted);
    if (found != have.end()) return *found;
  }
  return {};
}

std::string_view accepted_language(std::string_view header,
                                   std::span<const std::string_view> have) {
  std::string_view best;
  int best_weight = 0;
  for (std::size_t n = 0; n < kMostRanges && !header.empty(); ++n) {
    auto range = next(header, ',');
    const auto tag = next(range, ';');
    const int weight = weight_of(trimmed(range));
    const auto language = known_language(tag, have);
    if (language.empty() || weight <= best_weight) continue;
    best = language;
    best_weight = weight;
  }
  return best;
}

}  // namespace passgate::sync
