// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "sync/provider/passinstance.h"

namespace passgate::sync {

struct PassinstanceRow {
  std::string id;      ///< Empty: the row has none.
  std::string serial;  ///< The same.
  MirrorRow mirror;
  /// False: a status word no map knows, or a date that is none; the state is unknown.
  bool mapped = true;
};

/// Absent when `pass` lacks what the template joins by.
std::optional<PassinstanceRow> passinstance_row(const nlohmann::json& pass,
                                                const ProviderTemplate& of,
                                                const Passinstance::Settings& settings);

}  // namespace passgate::sync
