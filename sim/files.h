// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>

#include "core/result.h"
#include "core/secret.h"

namespace passgate::sim {

/// A whole file. Unlike the daemons' secrets its mode does not matter: what the
/// simulator is given protects nothing.
/// Errors: secret_unreadable (errno as detail), too_large.
Result<SecretBytes> read_file(const std::filesystem::path& path, std::size_t at_most);

/// One line of text without its line end: a key, a token. At most 64 KiB.
/// Errors: those of read_file; bad_value when it is empty.
Result<SecretBytes> read_line(const std::filesystem::path& path);

}  // namespace passgate::sim
