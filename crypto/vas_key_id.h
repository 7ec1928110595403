// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/bytes.h"
#include "crypto/public_key.h"

namespace passgate::crypto {

/// The id of the key that a cryptogram says it was sealed for. It stands there in
/// clear, is no secret, and proves nothing. Absent: too short to be a cryptogram.
/// Any thread.
/// @param cryptogram  Borrowed: key id[4] | X[32] | ciphertext | tag[16].
std::optional<KeyId> key_id_in(ByteView cryptogram);

}  // namespace passgate::crypto
