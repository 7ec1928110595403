// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sim/cloud/passworks_api.h"
#include "tests/sim/manual_clock.h"

namespace passgate::sim::test {

/// A Passworks account with one campaign whose passes are used once, and one
/// whose passes are used again and again. No socket in between.
class PassworksSandbox : public ::testing::Test {
 protected:
  using json = nlohmann::json;

  static inline const std::string kAuthorization = "Basic " + to_base64(bytes_of("acme:s3cret"));
  static inline const std::string kCoupons = "/v2/coupons/summer";
  static inline const std::string kCards = "/v2/store_cards/club";

  static SecretBytes secret(std::string text) {
    return SecretBytes::take({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  }

  static json sample_passes(unsigned generate = 0) {
    return {
        {"templates",
         {{{"id", "coupons/summer"},
           {"keys", {{"seat", "any"}, {"name", ""}}},
           {"generate", generate},
           {"passes",
            {{{"serial", "s-1"}, {"id", "p-1"}, {"code", "0000001"}, {"fields", {{"seat", "A12"}}}},
             {{"serial", "s-2"},
              {"id", "p-2"},
              {"code", "0000002"},
              {"voided", true},
              {"expires", "2026-12-31T23:59:59Z"}}}}},
          {{"id", "store_cards/club"},
           {"policy", {{"mode", "reusable"}}},
           {"passes", {{{"serial", "c-1"}, {"id", "card-1"}}}}}}}};
  }

  void SetUp() override { run(sample_passes(), {}); }

  void run(const json& passes, PassworksOptions options) {
    api_.reset();
    auto book = PassBook::read(passes);
    ASSERT_TRUE(book);
    book_ = std::move(*book);
    api_ =
        std::make_unique<PassworksApi>(book_, "acme", secret("s3cret"), clock_, std::move(options));
  }

  static HttpRequest request(const std::string& method, const std::string& target,
                             const std::string& body = {}) {
    auto parsed = parse_target(target);
    EXPECT_TRUE(parsed) << target;
    HttpRequest made{method, parsed.value_or(Target{}), {{"authorization", kAuthorization}}, body};
    if (!body.empty()) made.headers["content-type"] = "application/json; charset=utf-8";
    return made;
  }
  ApiAnswer call(const std::string& method, const std::string& target, const std::string& body = {},
                 const ListQuirks& quirks = {}) {
    return api_->answer(request(method, target, body), quirks);
  }
  ApiAnswer get(const std::string& target) { return call("GET", target); }
  ApiAnswer redeem(const std::string& pass_path, const std::string& comment = "at the gate") {
    return call("POST", pass_path + "/redeem", json{{"pass", {{"comment", comment}}}}.dump());
  }
  const CloudPass& pass(const std::string& id) {
    const auto found = book_.find_pass(id).second;
    EXPECT_NE(found, nullptr) << id;
    return *found;
  }
  static std::string header(const ApiAnswer& answer, const std::string& name) {
    for (const auto& [key, value] : answer.headers) {
      if (key == name) return value;
    }
    return "absent";
  }
  static std::vector<std::string> ids(const ApiAnswer& answer) {
    std::vector<std::string> all;
    for (const auto& row : answer.body) all.push_back(row["id"].get<std::string>());
    return all;
  }

  ManualClock clock_;
  PassBook book_;
  std::unique_ptr<PassworksApi> api_;
};

}  // namespace passgate::sim::test
