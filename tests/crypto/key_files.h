// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/secret.h"

namespace passgate::crypto {

/// One file of tests/fixtures/keys.
Bytes read_key_file(const std::string& name);

inline SecretBytes secret(Bytes bytes) {
  return SecretBytes::take(bytes);
}
inline SecretBytes scalar(std::string_view hex) {
  return secret(from_hex(hex).value());
}

}  // namespace passgate::crypto
