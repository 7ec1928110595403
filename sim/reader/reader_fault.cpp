// SPDX-License-Identifier: Apache-2.0
#include "sim/reader/reader_fault.h"

#include <array>
#include <charconv>

namespace passgate::sim {
namespace {

struct Word {
  std::string_view text;
  ReaderFault::Kind kind;
  bool has_amount;
};
using Kind = ReaderFault::Kind;
constexpr std::array kWords{
    Word{"gone", Kind::gone, false},    Word{"back", Kind::back, false},
    Word{"errors", Kind::errors, true}, Word{"delay", Kind::delay, true},
    Word{"hang", Kind::hang, false},    Word{"resume", Kind::resume, false},
    Word{"short", Kind::cut, true},
};

}  // namespace

std::optional<ReaderFault> parse_reader_fault(std::string_view text) {
  const auto space = text.find(' ');
  const auto verb = text.substr(0, space);
  const auto rest = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
  for (const Word& word : kWords) {
    if (word.text != verb) continue;
    ReaderFault fault{word.kind, 0};
    if (!word.has_amount) return rest.empty() ? std::optional(fault) : std::nullopt;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), fault.amount);
    const bool whole = error == std::errc{} && end == rest.data() + rest.size();
    return whole && fault.amount <= kMaxFaultAmount ? std::optional(fault) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace passgate::sim
