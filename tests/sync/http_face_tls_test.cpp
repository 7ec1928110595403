// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sync/service/http_face.h"
#include "tests/sim/http_client.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

const std::string kCertificate = PASSGATE_FIXTURES "/keys/tls-cert.pem";
const std::string kKey = PASSGATE_FIXTURES "/keys/tls-key.pem";

HttpReply hello(const HttpAsk& /*ask*/) {
  return {.status = 200, .content_type = "text/plain", .headers = {}, .body = "hello"};
}

std::expected<HttpFace, std::string> face_with(const std::string& address,
                                               const std::string& certificate,
                                               const std::string& key) {
  HttpFace::Settings settings;
  settings.listen = {address};
  settings.tls = HttpFace::Tls{certificate, secret(key)};
  return HttpFace::start(std::move(settings), hello);
}

/// The status of a GET that trusts `authority` only; 0: no answer.
long status_over_tls(const std::string& url, const std::string& authority, long newest_version) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  using Write = std::size_t (*)(char*, std::size_t, std::size_t, void*);
  const Write ignore = [](char*, std::size_t, std::size_t count, void*) { return count; };
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 30L);  // against a hang, not a measurement
  curl_easy_setopt(curl.get(), CURLOPT_CAINFO, authority.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_0 | newest_version);
  curl_easy_setopt(curl.get(), CURLOPT_SSL_CIPHER_LIST, "DEFAULT:@SECLEVEL=0");
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, ignore);
  curl_easy_perform(curl.get());
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

TEST(HttpFaceTls, ServesBeyondThisMachineWithACertificate) {
  const auto face = face_with("0.0.0.0:0", passgate::test::content_of(kCertificate),
                              passgate::test::content_of(kKey));
  ASSERT_TRUE(face) << face.error();
  const auto url = fmt::format("127.0.0.1:{}/", face->ports()[0]);
  EXPECT_EQ(status_over_tls("https://" + url, kCertificate, CURL_SSLVERSION_MAX_TLSv1_3), 200);
  EXPECT_EQ(status_over_tls("https://" + url, kCertificate, CURL_SSLVERSION_MAX_TLSv1_2), 200);
  EXPECT_EQ(status_over_tls("https://" + url, kCertificate, CURL_SSLVERSION_MAX_TLSv1_1), 0);
  EXPECT_NE(sim::test::ask("GET", "http://" + url).status, 200);
}

TEST(HttpFaceTls, SaysThatACertificateCannotBeUsed) {
  const auto certificate = passgate::test::content_of(kCertificate);
  const auto key = passgate::test::content_of(kKey);
  for (const auto& [wrong_certificate, wrong_key] :
       std::vector<std::pair<std::string, std::string>>{
           {certificate, "no key"},
           {"no certificate", key},
           {certificate, passgate::test::content_of(PASSGATE_FIXTURES "/keys/test-pkcs8.pem")}}) {
    const auto face = face_with("127.0.0.1:0", wrong_certificate, wrong_key);
    ASSERT_FALSE(face);
    EXPECT_NE(face.error().find("tls_cert and tls_key"), std::string::npos) << face.error();
  }
}

}  // namespace
}  // namespace passgate::sync::test
