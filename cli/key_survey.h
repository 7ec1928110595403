// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "crypto/certificate.h"
#include "crypto/public_key.h"
#include "runtime/config.h"

namespace passgate::cli {

/// A key as the configuration names it, and what its file holds: nothing secret.
struct SurveyedKey {
  std::string pass;                           ///< Name of the [[pass]].
  std::string pass_type_id;                   ///< Apple's; empty: a key for Google.
  std::optional<std::uint32_t> version;       ///< Google's.
  std::string from;                           ///< "file:PATH", "credential:NAME" or "remote:NAME".
  std::optional<std::filesystem::path> file;  ///< Where it is one.
  std::string credential;                     ///< Where it is one.
  Result<crypto::PublicKey> key;              ///< Of a file; secret_unreadable for what is none.
  /// Of a file that holds one beside the key.
  std::optional<Result<crypto::Certificate>> certificate;
};

/// Every key of every [[pass]], in the order of the configuration. Reads the
/// files. Errors of a key: secret_too_open, secret_unreadable, bad_key.
std::vector<SurveyedKey> survey_keys(const runtime::Config& config);

/// "a52c4a0d"
std::string key_id_text(const crypto::PublicKey& key);

}  // namespace passgate::cli
