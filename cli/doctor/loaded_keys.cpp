// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/loaded_keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/shown_text.h"

namespace passgate::cli::doctor {

using nlohmann::json;

std::optional<std::set<std::string>> loaded_keys(const Subject& subject, const std::string& pass) {
  if (!subject.core) return std::nullopt;
  for (const json& one : subject.core->value("passes", json::array())) {
    if (one.value("name", "") != pass) continue;
    std::set<std::string> ids;
    for (const json& key : one.value("keys", json::array())) ids.insert(shown_text(key, "key_id"));
    return ids;
  }
  return std::nullopt;
}

std::string listed(const std::set<std::string>& ids) {
  return fmt::format("{}", fmt::join(ids, ", "));
}

}  // namespace passgate::cli::doctor
