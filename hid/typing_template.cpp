// SPDX-License-Identifier: Apache-2.0
#include "hid/typing_template.h"

#include <optional>
#include <utility>

#include "hid/printable.h"

namespace passgate::hid {
namespace {

std::int32_t as_detail(std::size_t offset) noexcept {
  return static_cast<std::int32_t>(offset);
}

bool is_name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The name in "{name}…", or nothing when the brace opens no field.
std::optional<std::string_view> field_at(std::string_view text) noexcept {
  std::size_t end = 1;
  while (end < text.size() && is_name_character(text[end])) ++end;
  if (end == 1 || end == text.size() || text[end] != '}') return std::nullopt;
  return text.substr(1, end - 1);
}

bool all_printable(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto character = first_character(text);
    if (!character || !is_printable(character->code)) return false;
    text.remove_prefix(character->bytes);
  }
  return true;
}

}  // namespace

Result<TypingTemplate> TypingTemplate::parse(std::string_view text) {
  TypingTemplate parsed;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) parsed.parts_.emplace_back(Literal{std::exchange(literal, {})});
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("{{") || rest.starts_with("}}")) {
      literal.push_back(rest[0]);
      at += 2;
    } else if (rest[0] == '{') {
      const auto field = field_at(rest);
      if (!field) return fail(Errc::bad_value, as_detail(at));
      end_literal();
      parsed.parts_.emplace_back(Field{std::string(*field)});
      at += field->size() + 2;
    } else {
      const auto character = first_character(rest);
      const bool typable =
          character && (is_printable(character->code) || is_typing_control(character->code));
      if (rest[0] == '}' || !typable) return fail(Errc::bad_value, as_detail(at));
      literal.append(rest.substr(0, character->bytes));
      at += character->bytes;
    }
  }
  end_literal();
  return parsed;
}

std::vector<std::string> TypingTemplate::field_names() const {
  std::vector<std::string> names;
  for (const auto& part : parts_) {
    if (const auto* field = std::get_if<Field>(&part)) names.push_back(field->name);
  }
  return names;
}

Result<std::string> TypingTemplate::render(const Fields& fields) const {
  std::string text;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (const auto* literal = std::get_if<Literal>(&parts_[i])) {
      text += literal->text;
      continue;
    }
    const auto field = fields.find(std::get<Field>(parts_[i]).name);
    if (field == fields.end()) return fail(Errc::bad_value, as_detail(i));
    if (!all_printable(field->second)) return fail(Errc::untypable, as_detail(i));
    text += field->second;
  }
  return text;
}

}  // namespace passgate::hid
