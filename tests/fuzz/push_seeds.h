// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/fuzz/seed_folder.h"

namespace passgate::fuzz {

/// One event of every cloud and generation for `push`, at the time it reads them.
void add_push_seeds(SeedFolder& seeds);

}  // namespace passgate::fuzz
