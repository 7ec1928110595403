// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/secret.h"

namespace passgate::crypto {

/// A new P-256 private key as PKCS#8 PEM.
SecretBytes new_private_key_pem();

}  // namespace passgate::crypto
