// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/result.h"
#include "core/secret.h"
#include "daemon/pass_terms.h"

namespace passgate::daemon {

/// Opens a payload that another reader took from a phone, for the decryption
/// service: the answer to
///   open {"template":T,"payload":HEX,"session":SESSION?}
/// which is
///   {"type":"opened","payload":HEX,"stamped_at":RFC3339}
/// T is a template's id or the name of a `[[pass]]`; of several with that name
/// the first that opens it counts.
///
/// Without a session the payload is Apple's VAS data, and `stamped_at` the time
/// inside it. With one it is a record bundle of Google's; then the answer is the
/// service number of the first object that the template accepts, without time.
/// SESSION, all hexadecimal: terminalNonce and mobileNonce of 32 bytes,
/// terminalEphemeralPrivateKey of 32, terminalEphemeralPublicKey and
/// mobileEphemeralPublicKey of 33 (compressed points), signature in DER.
///
/// Nothing of it is judged, journalled, logged or kept. It costs an agreement of
/// keys, some 50 us. Immutable; thread-safe.
class PayloadOpener {
 public:
  static constexpr std::size_t kLargestPayload = std::size_t{64} * 1024;  ///< Bytes.

  /// @param passes  Outlive *this.
  explicit PayloadOpener(const std::vector<PassTerms>& passes) : passes_(passes) {}

  /// Errors, first those of the request: not_listed (no `[[pass]]` is called T),
  /// bad_hex, bad_value (a member of the session is missing, of another length or
  /// no key), too_large. All others say that it does not open: unknown_key (also
  /// for a pass that is not for this wallet, or whose keys are elsewhere),
  /// bad_point, auth_failed, too_short, short_plaintext, bad_length,
  /// bad_compression, missing_record (what is inside holds no pass).
  Result<nlohmann::json> answer(const nlohmann::json& question) const;

 private:
  const std::vector<PassTerms>& passes_;
};

}  // namespace passgate::daemon
