// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/secret.h"

namespace passgate::sync {

/// What a provider is asked with; which are needed depends on kind and mode.
struct ProviderSecrets {
  SecretBytes api_key;
  SecretBytes token;           ///< PassNinja scan: the reader's. Passmint scan: the scanner's.
  std::string scanner_name;    ///< Passmint: as its redemptions call the scanner.
  std::string scanner_device;  ///< Passmint: its device id; empty: not known.
};

}  // namespace passgate::sync
