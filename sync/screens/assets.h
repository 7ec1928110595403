// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace passgate::sync {

/// A file of this folder, as it was when the program was built.
struct Asset {
  std::string_view name;  ///< Without folder.
  std::string_view content_type;
  std::string_view content;
};

/// All of them, for the life of the program (cmake/EmbedFiles.cmake).
std::span<const Asset> assets() noexcept;

}  // namespace passgate::sync
