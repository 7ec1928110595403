// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/result.h"
#include "core/secret.h"

namespace passgate::sim {

/// The receiving half of Standard Webhooks 1.0.0, symmetric scheme `v1`.
/// Written on its own, against the specification, so that the terminal's signer
/// is not checked by itself.
class WebhookVerifier {
 public:
  static constexpr std::chrono::seconds kTolerance{300};  ///< Both ways.

  /// @param text  "whsec_" and the base64 of 24 to 64 bytes. Errors: bad_key.
  static Result<WebhookVerifier> from_secret(const SecretBytes& text);

  /// Whether the headers sign this body at this time. All views borrowed.
  /// Errors: bad_value (a header does not read), deadline_exceeded (timestamp
  /// outside the tolerance), auth_failed (no signature fits).
  Status verify(std::string_view id, std::string_view timestamp, std::string_view signatures,
                std::string_view body, WallTime now) const;

 private:
  explicit WebhookVerifier(SecretBytes key) : key_(std::move(key)) {}
  SecretBytes key_;
};

}  // namespace passgate::sim
