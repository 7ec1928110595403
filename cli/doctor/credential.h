// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace passgate::cli::doctor {

/// A folder of credentials that the unit of a daemon loads, and what systemd puts
/// before the name of each file in it (LoadCredentialEncrypted=).
struct CredentialFolder {
  std::string_view path;
  std::string_view prefix;
};

/// passgated.service's: keys of passes.
inline constexpr CredentialFolder kKeyCredentials{"/etc/credstore.encrypted/passgated", "key_"};
/// passgate-syncd.service's: all other secrets.
inline constexpr CredentialFolder kCloudCredentials{"/etc/credstore.encrypted/passgate-syncd",
                                                    "cloud_"};

/// The file that is "credential:NAME" in the configuration; nothing: the unit as
/// it is shipped gives no such name.
std::optional<std::filesystem::path> credential_file(const CredentialFolder& folder,
                                                     const std::string& name);

}  // namespace passgate::cli::doctor
