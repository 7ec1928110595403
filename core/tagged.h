// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <utility>

namespace passgate {

/// A value with a meaning: things that are all "just bytes" or "just text" but
/// must not be mixed up get a type of their own, e.g.
/// `using PassTypeId = Tagged<std::string, struct PassTypeIdTag>;`
template <class T, class Tag>
class Tagged {
 public:
  constexpr Tagged() = default;
  constexpr explicit Tagged(T value) : value_(std::move(value)) {}
  constexpr const T& value() const noexcept { return value_; }
  friend constexpr auto operator<=>(const Tagged&, const Tagged&) = default;

 private:
  T value_{};
};

}  // namespace passgate
