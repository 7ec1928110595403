// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/secret.h"

namespace passgate::sync {

/// The secrets a provider proves itself with: several while one is replaced.
/// Every one is tried in constant time, whether an earlier one fitted or not.
/// None of them is empty. Immutable; any thread.
class PushSecrets {
 public:
  explicit PushSecrets(std::vector<SecretBytes> secrets) noexcept : secrets_(std::move(secrets)) {}

  /// Whether `text` is one of the secrets.
  bool hold(std::string_view text) const noexcept;
  /// Whether one of `signatures`, lower-case hex, is HMAC-SHA256 of `message`
  /// under one of the secrets, whose bytes are the key as they are.
  bool signed_by_one(std::string_view message, std::span<const std::string_view> signatures) const;

 private:
  std::vector<SecretBytes> secrets_;
};

}  // namespace passgate::sync
