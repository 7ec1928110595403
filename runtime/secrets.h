// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"
#include "runtime/config.h"

namespace passgate::runtime {

/// Reads a secret (at most 64 KiB). A file is refused when its group or others
/// may read it; the check is on the open descriptor. `credential:NAME` is looked
/// for in `credentials_dir` ($CREDENTIALS_DIRECTORY, given by main).
/// Errors: secret_too_open (mode as detail), secret_unreadable (errno as detail).
Result<SecretBytes> resolve(const SecretRef& ref, const std::filesystem::path& credentials_dir);

/// The same for text secrets (API keys, tokens): trailing newlines removed.
Result<SecretBytes> resolve_text(const SecretRef& ref,
                                 const std::filesystem::path& credentials_dir);

}  // namespace passgate::runtime
