// SPDX-License-Identifier: Apache-2.0
#include "crypto/new_key.h"

#include <openssl/pem.h>

#include "core/require.h"
#include "crypto/p256_key.h"

namespace passgate::crypto {

SecretBytes new_private_key_pem() {
  const PkeyPtr key = new_key();
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  PG_REQUIRE(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0,
                                                  nullptr, nullptr) == 1);
  SecretBytes pem(BIO_ctrl_pending(bio.get()));
  std::size_t size = 0;
  PG_REQUIRE(BIO_read_ex(bio.get(), pem.writable().data(), pem.size(), &size) == 1 &&
             size == pem.size());
  return pem;
}

}  // namespace passgate::crypto
