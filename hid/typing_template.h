// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"

namespace passgate::hid {

/// Named fields of one tap: pass_id, payload, template, time, named groups.
using Fields = std::map<std::string, std::string, std::less<>>;

/// The `type` of a `[[pass]]`, parsed once at start: literal text and {fields}.
/// `{{` and `}}` stand for the braces. Pure; safe to share between threads.
class TypingTemplate {
 public:
  /// Errors: bad_value with the offset of the stray brace as detail, or of a
  /// character that is neither printable nor Enter or tab.
  static Result<TypingTemplate> parse(std::string_view text);

  /// The names between braces, in order, duplicates kept; for checking the
  /// configuration.
  std::vector<std::string> field_names() const;
  bool empty() const noexcept { return parts_.empty(); }  ///< Types nothing.

  /// The text to type. A field may contribute printable ASCII only (0x20..0x7E)
  /// or, for layouts that have them, printable characters beyond ASCII in UTF-8:
  /// never a control character, so that a pass cannot press Enter or Escape.
  /// Control characters come from the template alone.
  /// Errors: untypable with the index of the offending part as detail,
  /// bad_value when a field is missing.
  Result<std::string> render(const Fields& fields) const;

 private:
  struct Literal {
    std::string text;
  };
  struct Field {
    std::string name;
  };
  std::vector<std::variant<Literal, Field>> parts_;
};

}  // namespace passgate::hid
