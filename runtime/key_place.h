// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "runtime/table_reader.h"

namespace passgate::runtime {

/// A place where a key means something: a kind of provider and, within
/// `redeem`, one of its modes.
struct KeyPlace {
  std::string_view key;
  std::string_view kind;
  std::string_view mode = {};  ///< Empty: whatever the mode.
};

/// Whether `key` is to be read here. Elsewhere it is refused with a hint that
/// says where it belongs. Where kind or mode are not known (empty), it is
/// neither read nor refused: what is wrong was reported already.
bool belongs(TableReader& table, std::string_view key, std::span<const KeyPlace> places,
             std::string_view kind);
bool belongs(TableReader& table, std::string_view key, std::span<const KeyPlace> places,
             std::string_view kind, std::string_view mode);

}  // namespace passgate::runtime
