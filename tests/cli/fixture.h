// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/rig/temp_folder.h"

namespace passgate::cli {

using test::TempFolder;

/// The content of a file of tests/fixtures.
inline std::string read_fixture(const std::string& name) {
  const auto file = std::filesystem::path(PASSGATE_FIXTURES) / name;
  EXPECT_TRUE(std::filesystem::exists(file)) << name;
  return test::content_of(file);
}

}  // namespace passgate::cli
