// SPDX-License-Identifier: Apache-2.0
#include "gate/pass_pattern.h"

#include <re2/re2.h>

#include "core/require.h"
#include "core/secret.h"

namespace passgate::gate {
namespace {

constexpr std::string_view kPassId = "pass_id";
constexpr std::size_t kMaxPassId = 128;       // bytes
constexpr std::int64_t kMaxMemory = 1 << 20;  // bytes a pattern; beyond, RE2 is slower, not wrong

RE2::Options options() {
  RE2::Options options;  // UTF-8: a group is text that may stand in an event
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  return options;
}

/// RE2 lets some byte sequences pass that are no UTF-8, a JSON writer does not.
bool is_utf8(ByteView payload) {
  std::string valid = to_valid_utf8(payload);
  const bool same = valid == text_of(payload);
  wipe({reinterpret_cast<std::uint8_t*>(valid.data()), valid.size()});
  return same;
}

}  // namespace

struct PassPattern::Compiled {
  explicit Compiled(std::string_view pattern)
      : expression(re2::StringPiece(pattern.data(), pattern.size()), options()) {}
  RE2 expression;
};

PassPattern::PassPattern(std::unique_ptr<Compiled> compiled) noexcept
    : compiled_(std::move(compiled)) {}
PassPattern::PassPattern(PassPattern&&) noexcept = default;
PassPattern& PassPattern::operator=(PassPattern&&) noexcept = default;
PassPattern::~PassPattern() = default;

Result<PassPattern> PassPattern::compile(std::string_view pattern) {
  auto compiled = std::make_unique<Compiled>(pattern);
  const RE2& expression = compiled->expression;
  if (!expression.ok()) return fail(Errc::bad_value);
  const auto& groups = expression.NamedCapturingGroups();
  // RE2 takes a name twice and then knows one of the two only.
  const bool unique = groups.size() == expression.CapturingGroupNames().size();
  if (!unique || !groups.contains(std::string(kPassId))) return fail(Errc::bad_value);
  return PassPattern(std::move(compiled));
}

PassPattern PassPattern::whole_payload() {
  auto compiled = compile("(?s)(?P<pass_id>.*)");
  PG_REQUIRE(compiled);
  return std::move(*compiled);
}

std::vector<std::string> PassPattern::group_names() const {
  std::vector<std::string> names;
  for (const auto& [group, index] : compiled_->expression.NamedCapturingGroups()) {
    names.push_back(group);
  }
  return names;
}

std::optional<PassFields> PassPattern::match(ByteView payload) const {
  if (!is_utf8(payload)) return std::nullopt;
  const RE2& expression = compiled_->expression;
  // Group 0 is the whole match; an unused group has no data and reads as empty.
  std::vector<re2::StringPiece> groups(
      static_cast<std::size_t>(expression.NumberOfCapturingGroups()) + 1);
  const std::string_view text = text_of(payload);
  const re2::StringPiece subject(text.data(), text.size());
  if (!expression.Match(subject, 0, subject.size(), RE2::ANCHOR_BOTH, groups.data(),
                        static_cast<int>(groups.size()))) {
    return std::nullopt;
  }
  PassFields fields;
  for (const auto& [group, index] : expression.NamedCapturingGroups()) {
    const auto& piece = groups[static_cast<std::size_t>(index)];
    fields.emplace(group, std::string(piece.data(), piece.size()));
  }
  const std::string& id = fields.find(kPassId)->second;
  if (id.empty() || id.size() > kMaxPassId) return std::nullopt;
  return fields;
}

}  // namespace passgate::gate
