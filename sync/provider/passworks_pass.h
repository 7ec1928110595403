// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "sync/provider/passworks.h"

namespace passgate::sync {

struct PassworksRow {
  /// Absent: the pass lacks the redeem code it would be joined by, as some do.
  std::optional<MirrorRow> row;
  bool unmapped = false;
};
/// Absent: it is not what Passworks documents a pass to be. Nothing else of the
/// pass is kept: some show secrets of theirs.
std::optional<PassworksRow> read_passworks_pass(const Passworks::Settings& settings,
                                                const ProviderTemplate& of,
                                                const nlohmann::json& pass);
/// How often it was redeemed, under either of its documented spellings. Absent:
/// not a count.
std::optional<std::uint64_t> passworks_uses(const nlohmann::json& pass);
/// The id of a pass found by its code; the answer's shape is not documented.
/// Null: there is none.
const std::string* passworks_found_id(const nlohmann::json& found);

}  // namespace passgate::sync
