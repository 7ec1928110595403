// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "runtime/config.h"
#include "tests/rig/temp_folder.h"

namespace passgate::test {

/// What the operator is told about a file of this text, without its folder.
inline std::vector<std::string> problems_of(std::string_view text) {
  const TempFolder dir;
  const auto config = runtime::load_config(dir.write("p.toml", text));
  std::vector<std::string> all;
  if (config) return all;
  for (const auto& problem : config.error()) {
    const std::string folder = problem.where.file.parent_path().string() + "/";
    std::string said = problem.text();
    for (auto at = said.find(folder); at != std::string::npos; at = said.find(folder)) {
      said.erase(at, folder.size());
    }
    all.push_back(std::move(said));
  }
  return all;
}

/// The configuration of a text that has to be accepted.
inline runtime::Config loaded(std::string_view text) {
  const TempFolder dir;
  auto config = runtime::load_config(dir.write("p.toml", text));
  EXPECT_TRUE(config) << text << config.error().front().text();
  return config.value_or(runtime::Config{});
}

}  // namespace passgate::test
