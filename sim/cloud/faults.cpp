// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/faults.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace passgate::sim {
namespace {

constexpr std::array kNames = {
    std::pair{std::string_view{"status"}, FaultKind::status},
    std::pair{std::string_view{"drop-before"}, FaultKind::drop_before},
    std::pair{std::string_view{"drop-after"}, FaultKind::drop_after},
    std::pair{std::string_view{"slow"}, FaultKind::slow},
    std::pair{std::string_view{"html"}, FaultKind::html},
    std::pair{std::string_view{"cut-off"}, FaultKind::cut_off},
    std::pair{std::string_view{"half-json"}, FaultKind::half_json},
    std::pair{std::string_view{"same-page"}, FaultKind::same_page},
    std::pair{std::string_view{"changing-total"}, FaultKind::changing_total},
};

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

/// What follows the last `mark` in `text`, which is cut off there.
std::optional<std::string_view> cut_tail(std::string_view& text, char mark) {
  const auto at = text.rfind(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto tail = text.substr(at + 1);
  text = text.substr(0, at);
  return tail;
}

/// `429=2`, `503`, `slow=500`, `html`: the kind and its value.
Status read_kind(std::string_view text, Fault& fault) {
  const auto value = cut_tail(text, '=');
  const auto amount = value ? number(*value) : std::nullopt;
  if (value && !amount) return fail(Errc::bad_value);
  if (const auto status = number(text)) {
    if (*status != 429 && (*status < 500 || *status > 599)) return fail(Errc::bad_value);
    fault.kind = FaultKind::status;
    fault.value = *status;
    fault.retry_after = amount;
    return {};
  }
  const auto* const found = std::ranges::find(kNames, text, [](const auto& n) { return n.first; });
  if (found == kNames.end() || found->second == FaultKind::status) return fail(Errc::bad_value);
  fault.kind = found->second;
  // Only `slow` has a value, and it needs one.
  if (amount.has_value() != (fault.kind == FaultKind::slow)) return fail(Errc::bad_value);
  fault.value = amount.value_or(0);
  return {};
}

Result<Fault> read_fault(std::string_view text) {
  Fault fault;
  if (const auto method = cut_tail(text, '@')) {
    if (method->empty()) return fail(Errc::bad_value);
    fault.method = *method;
  }
  if (const auto times = cut_tail(text, '*')) {
    fault.remaining = number(*times);
    if (!fault.remaining) return fail(Errc::bad_value);
  }
  if (const auto percent = cut_tail(text, '~')) {
    fault.percent = number(*percent).value_or(0);
    if (fault.percent < 1 || fault.percent > 100) return fail(Errc::bad_value);
  }
  if (const auto kind = read_kind(text, fault); !kind) return std::unexpected(kind.error());
  return fault;
}

/// Whether this request is among the fault's share. (SplitMix64: a few lines, the
/// same on every machine, and neighbouring seeds have nothing in common.)
bool draw(Fault& fault) noexcept {
  if (fault.percent == 100) return true;
  fault.lot += 0x9E3779B97F4A7C15U;
  std::uint64_t mixed = fault.lot;
  mixed = (mixed ^ mixed >> 30U) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ mixed >> 27U) * 0x94D049BB133111EBU;
  return (mixed ^ mixed >> 31U) % 100 < fault.percent;
}

bool only_for_lists(FaultKind kind) noexcept {
  return kind == FaultKind::same_page || kind == FaultKind::changing_total;
}

}  // namespace

std::string_view name(FaultKind kind) noexcept {
  const auto* const found = std::ranges::find(kNames, kind, [](const auto& n) { return n.second; });
  return found == kNames.end() ? std::string_view{} : found->first;
}

Result<FaultPlan> FaultPlan::parse(std::string_view spec) {
  FaultPlan plan;
  while (!spec.empty()) {
    const auto comma = spec.find(',');
    auto fault = read_fault(spec.substr(0, comma));
    if (!fault) return std::unexpected(fault.error());
    fault->lot = std::uint64_t{plan.faults_.size()} << 32U;
    plan.faults_.push_back(std::move(*fault));
    spec = comma == std::string_view::npos ? std::string_view{} : spec.substr(comma + 1);
  }
  return plan;
}

Meeting FaultPlan::meet(std::string_view method, bool lists) {
  Meeting meeting;
  for (auto& fault : faults_) {
    if (!fault.method.empty() && fault.method != method) continue;
    if (only_for_lists(fault.kind) && !lists) continue;
    if (fault.remaining == 0U || !draw(fault)) continue;
    if (fault.kind == FaultKind::slow) {
      meeting.delay += Milliseconds{fault.value};
    } else if (!meeting.fault) {
      meeting.fault = fault;
    } else {
      continue;  // not met, so not used up
    }
    if (fault.remaining) --*fault.remaining;
  }
  return meeting;
}

}  // namespace passgate::sim
