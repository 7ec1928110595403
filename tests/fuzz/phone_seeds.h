// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/fuzz/seed_folder.h"

namespace passgate::fuzz {

/// Bundles of every kind of object and format, plain and compressed: for
/// `objects`, and for `smart_tap` and `wallet` as what AndroidCard hands out.
void add_phone_seeds(SeedFolder& seeds);

}  // namespace passgate::fuzz
