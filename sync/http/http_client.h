// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/secret.h"

namespace passgate::sync {

/// A header whose value is a secret: it meets the rest of the request only
/// inside the client, so that no request that is kept or printed can leak it.
struct SecretHeader {
  std::string name;
  std::string scheme;                  ///< Written before the value, e.g. "Bearer "; may be empty.
  const SecretBytes* value = nullptr;  ///< Borrowed; outlives the request.
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<SecretHeader> secret_headers;
  Milliseconds budget{10000};                           ///< Name look-up to last byte.
  std::size_t answer_limit = std::size_t{1024} * 1024;  ///< Bytes of body; beyond it: too_large.
  bool keep_body = true;  ///< False: the answer's body is read and dropped.
  /// It may have an effect each time it arrives: it leaves once, or not at all,
  /// even where a connection kept open turns out to be dead.
  bool once = false;
};

struct HttpAnswer {
  int status = 0;  ///< 200..599; interim answers are not shown.
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.

  /// The first header of that name (lower case), borrowed from the answer.
  std::optional<std::string_view> header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return std::nullopt;
  }
};

/// The network edge. Implementations: CurlClient; tests' FakeHttp.
/// One thread at a time.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  /// Any HTTP status is a value, redirects included (none is followed); only
  /// the absence of a whole answer is an Error: unreachable (nothing left us),
  /// connection_lost (nobody knows what arrived), deadline_exceeded (the same),
  /// too_large, auth_failed (TLS), bad_value (the request cannot be sent),
  /// stopped (the process is ending).
  virtual Result<HttpAnswer> perform(const HttpRequest& request) = 0;

 protected:
  HttpClient() = default;
  HttpClient(const HttpClient&) = default;
  HttpClient& operator=(const HttpClient&) = default;
};

}  // namespace passgate::sync
