// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "core/bytes.h"
#include "core/secret.h"
#include "sim/http/message.h"

namespace passgate::sim {

/// The token of `Authorization: Bearer …`; borrowed. Nothing: another scheme, or none.
inline std::optional<std::string_view> bearer_of(const HttpRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const auto header = request.header("authorization");
  if (!header || !header->starts_with(kScheme)) return std::nullopt;
  return header->substr(kScheme.size());
}

/// Whether it is this secret; an empty secret is nobody's.
inline bool is_secret(std::string_view given, const SecretBytes& secret) {
  return !secret.empty() && equal_in_constant_time(bytes_of(given), secret.expose());
}

}  // namespace passgate::sim
