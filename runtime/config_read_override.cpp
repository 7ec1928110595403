// SPDX-License-Identifier: Apache-2.0
// [override]: what an operator may let in that is otherwise not up to a person.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "runtime/config_reader.h"
#include "runtime/toml_text.h"

namespace passgate::runtime {

namespace {

/// Reasons of gate/vocabulary.h that nobody overrides unless they stand here. The
/// others need no permission, but for out_of_order: then nothing can be written.
constexpr std::array<std::string_view, 5> kOnRequest = {"revoked", "blocked", "undecryptable",
                                                        "replayed", "wrong_template"};

}  // namespace

OverrideConfig read_override(const Node& node, Reading& reading) {
  reading.shown.push_back({"[override]", {}});
  TableReader table(node, "", reading);
  OverrideConfig overrides{.allow = table.texts("allow", {}), .origin = node.where};
  for (const std::string& reason : overrides.allow) {
    if (std::ranges::find(kOnRequest, reason) != kOnRequest.end()) continue;
    table.problem_of(
        "allow", fmt::format("may not hold {}", toml_string(reason)),
        fmt::format("any of: {}; other refusals need no permission", fmt::join(kOnRequest, ", ")));
  }
  table.finish();
  return overrides;
}

}  // namespace passgate::runtime
