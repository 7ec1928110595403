// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sync/provider/passmint.h"
#include "tests/sync/kit.h"
#include "tests/sync/step_kit.h"

namespace passgate::sync::test {

inline const WallTime kMintNow = from_rfc3339("2026-11-20T10:00:00Z").value();
inline constexpr std::string_view kMintTap = "019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11";

inline runtime::ProviderConfig mint_config(std::string mode = "") {
  runtime::ProviderConfig config;
  config.name = "mint";
  config.kind = "passmint";
  config.base_url = "https://api.example/";
  config.page_size = 2;
  config.redeem.mode = std::move(mode);
  return config;
}

inline std::unique_ptr<Provider> make_mint(const runtime::ProviderConfig& config) {
  ProviderSecrets secrets;
  secrets.api_key = secret("pmk_test_1");
  secrets.token = secret("scn_1");
  secrets.scanner_name = "gate-a1";
  auto made = make_passmint(config, std::move(secrets));
  return made ? std::move(*made) : nullptr;
}

inline nlohmann::json mint_pass(std::string_view id, unsigned uses = 0, bool voided = false) {
  return {{"object", "pass"},
          {"id", id},
          {"template_id", "tmpl_1"},
          {"serial_number", "S-" + std::string(id)},
          {"voided", voided},
          {"redeemed_count", uses},
          {"holder_name", nullptr},
          {"metadata", nullptr},
          {"field_values", {{"seat", "A12"}}}};
}

inline nlohmann::json mint_list(std::vector<nlohmann::json> data, bool has_more = false) {
  return {{"object", "list"}, {"data", std::move(data)}, {"has_more", has_more}};
}

inline nlohmann::json mint_template(const nlohmann::json& policy = nullptr) {
  return {{"object", "template"}, {"id", "tmpl_1"}, {"redemption_policy", policy}};
}

inline HttpAnswer ok(const nlohmann::json& body) {
  return answer(200, body.dump());
}

}  // namespace passgate::sync::test
