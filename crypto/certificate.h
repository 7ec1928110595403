// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/result.h"
#include "crypto/public_key.h"

namespace passgate::crypto {

/// What an X.509 certificate says. Nobody vouches for it here: its signature is
/// not checked.
struct Certificate {
  std::string user_id;           ///< UID of its subject, for Apple the pass type id; empty: none.
  std::optional<PublicKey> key;  ///< Absent: not a P-256 key.
  WallTime not_before;
  WallTime not_after;
};

/// Whether there is one to be read: a file of a private key may hold none.
bool holds_certificate(ByteView pem);

/// The first certificate of a PEM file (at most 64 KiB), whatever else it holds.
/// Errors: bad_value.
Result<Certificate> read_certificate(ByteView pem);

}  // namespace passgate::crypto
