// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sync/http/http_client.h"

namespace passgate::sync {

/// libcurl's process-wide set-up; exactly one, in main, before any CurlClient
/// and any thread.
class CurlLibrary {
 public:
  CurlLibrary();
  ~CurlLibrary();
  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;
};

/// HTTP and HTTPS, connections kept open between requests. TLS is always
/// verified, no redirect is followed, no proxy is taken from the environment.
class CurlClient final : public HttpClient {
 public:
  CurlClient();
  ~CurlClient() override;
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  Result<HttpAnswer> perform(const HttpRequest& request) override;

  /// From any thread: the request under way, and every later one, ends at once
  /// with `stopped`.
  void stop() noexcept;

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace passgate::sync
