// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <iosfwd>
#include <vector>

#include "crypto/vas_key_ring.h"

namespace passgate::cli {

/// Adds the P-256 private key of each file to the ring.
/// @return EX_OK; else what is wrong stands on `err`: EX_NOINPUT (unreadable),
///         EX_NOPERM (group or others may read it), EX_CONFIG (no such key).
int add_key_files(const std::vector<std::filesystem::path>& files, crypto::VasKeyRing& ring,
                  std::ostream& err);

}  // namespace passgate::cli
