// SPDX-License-Identifier: Apache-2.0
#include "cli/key_files.h"

#include <sysexits.h>

#include <ostream>
#include <string>
#include <system_error>

#include "runtime/secrets.h"

namespace passgate::cli {
namespace {

Result<SecretBytes> read_key_file(const std::filesystem::path& file) {
  runtime::SecretRef ref;
  ref.kind = runtime::SecretRef::Kind::file;
  ref.path = file;
  return runtime::resolve(ref, {});
}

int complain(const std::filesystem::path& file, const Error& error, std::ostream& err) {
  err << "passgate: key " << file.string() << ": ";
  if (error.code() == Errc::secret_too_open) {
    err << "group or others may read it (chmod 600)\n";
    return EX_NOPERM;
  }
  if (error.code() == Errc::secret_unreadable) {
    err << std::generic_category().message(error.detail()) << '\n';
    return EX_NOINPUT;
  }
  err << "not a P-256 private key (PEM, DER or 32 bytes, not encrypted)\n";
  return EX_CONFIG;
}

}  // namespace

int add_key_files(const std::vector<std::filesystem::path>& files, crypto::VasKeyRing& ring,
                  std::ostream& err) {
  for (const auto& file : files) {
    const auto key = read_key_file(file);
    if (!key) return complain(file, key.error(), err);
    if (const auto added = ring.add(*key); !added) return complain(file, added.error(), err);
  }
  return EX_OK;
}

}  // namespace passgate::cli
