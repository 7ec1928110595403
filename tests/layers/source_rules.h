// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

namespace passgate::layers {

struct SourceFile {
  std::string path;  ///< From the repository root, "apdu/tlv.cpp".
  std::string text;
};

/// What the rules find wrong, one sentence each, "path:line: …" or "path: …".
using Violations = std::vector<std::string>;

/// Folders include only layers they may, by paths from the repository root, and
/// foreign headers stay in the folders that wrap them. Tests and benchmarks may
/// include everything.
Violations include_violations(const SourceFile& file);

/// Licence line first, no file beyond 400 lines, no getenv outside main.cpp.
Violations file_violations(const SourceFile& file);

/// Every C++ file below tests/ is in a folder that CMake reads.
/// @param with_cmake  Names of the folders below tests/ that have a tests.cmake.
Violations stray_test_violations(const SourceFile& file, const std::set<std::string>& with_cmake);

/// "apdu/tlv.h" and the like: what the rules apply to.
bool is_source(const std::string& path);

}  // namespace passgate::layers
