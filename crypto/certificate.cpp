// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "crypto/openssl_ptr.h"

namespace passgate::crypto {
namespace {

constexpr std::size_t kLargestFile = std::size_t{64} * 1024;

using X509Ptr = std::unique_ptr<X509, Releaser<X509_free>>;

std::string user_id_of(const X509& certificate) {
  const X509_NAME* subject = X509_get_subject_name(&certificate);
  const int index = X509_NAME_get_index_by_NID(subject, NID_userId, -1);
  if (index < 0) return {};
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index));
  std::uint8_t* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, value);
  if (size < 0) return {};
  std::string user_id(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return user_id;
}

std::optional<PublicKey> key_of(X509& certificate) {
  std::uint8_t* der = nullptr;
  const int size = i2d_PUBKEY(X509_get0_pubkey(&certificate), &der);
  if (size <= 0) return std::nullopt;
  const auto key = PublicKey::read({der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return key ? std::optional(*key) : std::nullopt;
}

std::optional<WallTime> time_of(const ASN1_TIME* time) {
  std::tm utc{};
  if (ASN1_TIME_to_tm(time, &utc) != 1) return std::nullopt;
  return WallTime(std::chrono::seconds(::timegm(&utc)));
}

}  // namespace

bool holds_certificate(ByteView pem) {
  return text_of(pem).contains("-----BEGIN CERTIFICATE-----");
}

Result<Certificate> read_certificate(ByteView pem) {
  const QuietErrors quiet;
  if (pem.empty() || pem.size() > kLargestFile) return fail(Errc::bad_value);
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const X509Ptr x509(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
  if (!x509) return fail(Errc::bad_value);
  const auto begin = time_of(X509_get0_notBefore(x509.get()));
  const auto end = time_of(X509_get0_notAfter(x509.get()));
  if (!begin || !end) return fail(Errc::bad_value);
  return Certificate{
      .user_id = user_id_of(*x509), .key = key_of(*x509), .not_before = *begin, .not_after = *end};
}

}  // namespace passgate::crypto
