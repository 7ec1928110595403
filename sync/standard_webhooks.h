// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"
#include "core/secret.h"

namespace passgate::sync {

/// The key in a Standard Webhooks secret: "whsec_" and base64 of 24 to 64
/// bytes; the prefix may be missing. Errors: bad_key.
Result<SecretBytes> webhook_key(const SecretBytes& secret);

/// The value of `webhook-signature` (Standard Webhooks 1.0.0): "v1," and base64
/// of HMAC-SHA256 over "id.timestamp.body" for each key, separated by spaces.
/// Several keys while a subscriber rotates its secret.
std::string webhook_signature(std::span<const SecretBytes> keys, std::string_view id,
                              std::chrono::sys_seconds timestamp, std::string_view body);

}  // namespace passgate::sync
