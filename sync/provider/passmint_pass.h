// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "sync/provider/passmint.h"

namespace passgate::sync {

/// How often a template's passes may be used, as far as it is enforced there.
struct PassmintPolicy {
  std::optional<std::uint64_t> most;  ///< Absent: without limit.

  friend bool operator==(const PassmintPolicy&, const PassmintPolicy&) = default;
};
/// From the answer to GET /templates/{id}. A mode that is not known limits
/// nothing. Absent: the answer is no template.
std::optional<PassmintPolicy> read_passmint_policy(const HttpAnswer& answer);

struct PassmintRow {
  MirrorRow row;
  bool unmapped = false;
};
/// Absent: it is not what Passmint documents a pass to be, or of another template.
std::optional<PassmintRow> read_passmint_pass(const Passmint::Settings& settings,
                                              const ProviderTemplate& of,
                                              const PassmintPolicy& policy,
                                              const nlohmann::json& pass);
/// Whether it says that it is of another template.
bool is_of_other_template(const nlohmann::json& pass, const ProviderTemplate& of);

}  // namespace passgate::sync
