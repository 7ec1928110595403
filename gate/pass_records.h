// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "gate/tap_record.h"

namespace passgate::gate {

/// Records of one pass, each tap id once. What is in a journal is its terminal's
/// own, whatever the terminal was called when it wrote it: a rename takes nothing
/// back.
struct PassRecords {
  std::vector<TapRecord> own;
  std::vector<TapRecord> peers;  ///< As other terminals told them.
};

}  // namespace passgate::gate
