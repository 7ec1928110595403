// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>

#include "sim/http/target.h"

namespace passgate::sim {

/// A query parameter that is a positive integer: a page, or how much is on one.
/// Nothing: it is there and is none.
inline std::optional<std::size_t> count_parameter(const Target& target, std::string_view name,
                                                  std::size_t otherwise) {
  const auto text = target.parameter(name);
  if (!text) return otherwise;
  std::size_t value = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
  if (read.ec != std::errc{} || read.ptr != text->data() + text->size() || value == 0) {
    return std::nullopt;
  }
  return value;
}

}  // namespace passgate::sim
