// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/secret.h"
#include "sim/cloud/sandbox_cloud.h"
#include "sim/http/server.h"
#include "tests/sim/http_client.h"
#include "tests/sim/manual_clock.h"

namespace passgate::sim::test {

inline SecretBytes secret(std::string text) {
  return SecretBytes::take({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

/// A sandbox cloud of any kind behind a real server.
class RunningCloud {
 public:
  RunningCloud(CloudOptions options, const nlohmann::json& passes, const Clock& clock) {
    auto read = PassBook::read(passes);
    EXPECT_TRUE(read);
    auto book = std::make_unique<PassBook>(std::move(*read));
    const double requests_per_s = options.requests_per_s;
    auto api = make_cloud_api(std::move(options), *book, clock);
    EXPECT_TRUE(api);
    start(std::move(book), std::move(*api), requests_per_s, clock);
  }
  RunningCloud(std::unique_ptr<PassBook> book, std::unique_ptr<CloudApi> api, double requests_per_s,
               const Clock& clock) {
    start(std::move(book), std::move(api), requests_per_s, clock);
  }

  std::string url(const std::string& path) const { return server_->url() + path; }
  /// @param headers  Credentials among them.
  Reply call(const std::string& method, const std::string& path,
             const std::vector<std::string>& headers = {}, const std::string& body = {}) const {
    return ask(method, url(path), headers, body);
  }
  void plan(const std::string& faults) const {
    const nlohmann::json body = {{"faults", faults}};
    ASSERT_EQ(call("POST", "/_sim/faults", {}, body.dump()).status, 200);
  }
  nlohmann::json touched() const {
    return nlohmann::json::parse(call("GET", "/_sim/state?touched=1").body)["templates"];
  }
  /// What was pushed since the last call.
  std::vector<CloudApi::Push> pushes() {
    const std::lock_guard lock(mutex_);
    return std::exchange(pushes_, {});
  }

 private:
  void start(std::unique_ptr<PassBook> book, std::unique_ptr<CloudApi> api, double requests_per_s,
             const Clock& clock) {
    cloud_ = std::make_unique<SandboxCloud>(std::move(book), std::move(api), requests_per_s,
                                            FaultPlan{}, JsonLines{}, clock);
    cloud_->push_to([this](CloudApi::Push push) {
      const std::lock_guard lock(mutex_);
      pushes_.push_back(std::move(push));
    });
    auto server =
        HttpServer::start({}, {}, [this](const HttpRequest& r) { return cloud_->answer(r); });
    EXPECT_TRUE(server);
    server_ = std::make_unique<HttpServer>(std::move(*server));
  }

  std::mutex mutex_;
  std::vector<CloudApi::Push> pushes_;
  std::unique_ptr<SandboxCloud> cloud_;
  std::unique_ptr<HttpServer> server_;  ///< Last: stops before what it asks goes.
};

}  // namespace passgate::sim::test
