// SPDX-License-Identifier: Apache-2.0
// Internal to crypto/: OpenSSL objects with owners. Other folders include the
// other headers of this folder, which are free of OpenSSL.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>

namespace passgate::crypto {

template <auto Release>
struct Releaser {
  template <class T>
  void operator()(T* object) const noexcept {
    Release(object);
  }
};

using PkeyPtr = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using PkeyCtxPtr = std::unique_ptr<EVP_PKEY_CTX, Releaser<EVP_PKEY_CTX_free>>;
using MdPtr = std::unique_ptr<EVP_MD, Releaser<EVP_MD_free>>;
using MdCtxPtr = std::unique_ptr<EVP_MD_CTX, Releaser<EVP_MD_CTX_free>>;
using CipherPtr = std::unique_ptr<EVP_CIPHER, Releaser<EVP_CIPHER_free>>;
using CipherCtxPtr = std::unique_ptr<EVP_CIPHER_CTX, Releaser<EVP_CIPHER_CTX_free>>;
using BioPtr = std::unique_ptr<BIO, Releaser<BIO_free_all>>;

/// For OpenSSL's readers of PEM. A daemon has no terminal to ask at: what is
/// encrypted is refused.
inline int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) {
  return -1;
}

/// Removes from this thread's error queue what OpenSSL puts there while this
/// lives: a phone's wrong point is no error of the process, and a queue that
/// nobody empties misleads whoever reads it next.
class QuietErrors {
 public:
  QuietErrors() noexcept { ERR_set_mark(); }
  ~QuietErrors() { ERR_pop_to_mark(); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
};

}  // namespace passgate::crypto
