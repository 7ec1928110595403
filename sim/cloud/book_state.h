// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "sim/cloud/pass_book.h"
#include "sim/http/target.h"

namespace passgate::sim {

/// `{TEMPLATE:{SERIAL:{status, fields, metadata, voided, redeemed_count,
/// redemptions:[…], effects:[…], patches, puts, destroyed}}}`
/// @param choice  `template`, `serial` and `touched=1` narrow it down.
nlohmann::json book_state(const PassBook& book, const Target& choice);

}  // namespace passgate::sim
