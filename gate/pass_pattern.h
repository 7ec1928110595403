// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/result.h"

namespace passgate::gate {

/// Named groups of a payload, `pass_id` among them.
using PassFields = std::map<std::string, std::string, std::less<>>;

/// The `pattern` of a `[[pass]]`: RE2 (linear time, whatever the payload), must
/// match the whole payload, and names what it finds. Immutable, thread-safe.
class PassPattern {
 public:
  /// Errors: bad_value (no valid RE2, no group `pass_id`, or a name used twice).
  static Result<PassPattern> compile(std::string_view pattern);
  /// The wedge default: the whole payload is the pass id.
  static PassPattern whole_payload();
  PassPattern(PassPattern&&) noexcept;
  PassPattern& operator=(PassPattern&&) noexcept;
  ~PassPattern();

  std::vector<std::string> group_names() const;
  /// Absent when the payload is no UTF-8, does not match, or its pass_id is
  /// empty or longer than 128 bytes.
  std::optional<PassFields> match(ByteView payload) const;

 private:
  struct Compiled;
  explicit PassPattern(std::unique_ptr<Compiled> compiled) noexcept;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace passgate::gate
