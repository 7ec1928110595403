// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/clock.h"
#include "core/ids.h"
#include "core/result.h"
#include "core/secret.h"
#include "crypto/new_key.h"

namespace passgate::crypto {

/// The phone's half of VAS, for the simulator, tests and benchmarks; not linked
/// into the daemons (its own library, passgate_crypto_phone).
///
/// Seals `payload` for the terminal whose key `terminal_key` is (a private key
/// as VasKeyRing::add takes it, or a PEM public key), as an iPhone does: fresh
/// ephemeral key, X9.63 KDF, AES-256-GCM.
/// Errors: bad_key.
Result<Bytes> seal_vas(const SecretBytes& terminal_key, const PassTypeId& id, WallTime stamp,
                       ByteView payload);

}  // namespace passgate::crypto
