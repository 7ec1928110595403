// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/credential.h"

namespace passgate::cli::doctor {

std::optional<std::filesystem::path> credential_file(const CredentialFolder& folder,
                                                     const std::string& name) {
  if (!name.starts_with(folder.prefix) || name.size() == folder.prefix.size()) return std::nullopt;
  return std::filesystem::path(folder.path) / name.substr(folder.prefix.size());
}

}  // namespace passgate::cli::doctor
