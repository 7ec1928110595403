// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/bytes.h"
#include "core/result.h"
#include "core/secret.h"

namespace passgate::apdu {

/// Inflates one whole zlib stream (RFC 1950).
/// @param most  Bytes of output at most.
/// Errors: bad_compression (no such stream, cut off, wrong checksum, bytes after
/// its end); too_large.
Result<SecretBytes> inflate(ByteView stream, std::size_t most);

}  // namespace passgate::apdu
