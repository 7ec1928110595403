// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sync/provider/passworks.h"
#include "tests/sync/kit.h"
#include "tests/sync/step_kit.h"

namespace passgate::sync::test {

inline const WallTime kWorksNow = from_rfc3339("2026-11-20T10:00:00Z").value();
inline constexpr std::string_view kCampaign = "https://api.example/v2/coupons/c1";

inline runtime::ProviderConfig works_config() {
  runtime::ProviderConfig config;
  config.name = "works";
  config.kind = "passworks";
  config.base_url = "https://api.example/v2/";
  config.account_id = "acc";
  config.page_size = 2;
  config.valid_until = "/expiration_date";
  return config;
}

inline std::unique_ptr<Provider> make_works(const runtime::ProviderConfig& config) {
  ProviderSecrets secrets;
  secrets.api_key = secret("key?");
  auto made = make_passworks(config, std::move(secrets));
  return made ? std::move(*made) : nullptr;
}

inline nlohmann::json works_pass(std::string_view id, unsigned uses = 0, bool voided = false) {
  return {{"id", id},
          {"campaign_id", "c1"},
          {"serial_number", "S-" + std::string(id)},
          {"redeem_code", "R-" + std::string(id)},
          {"voided", voided},
          {"redeemed_count", uses},
          {"expiration_date", nullptr},
          {"updated_at", "2026-11-20T09:30:00Z"},
          {"authentication_token", "do-not-keep"}};
}

/// A page of passes with the paging headers; no next page: 0.
inline HttpAnswer works_page(const std::vector<nlohmann::json>& passes, std::size_t next,
                             std::size_t total) {
  return answer(
      200, nlohmann::json(passes).dump(),
      {{"x-total", std::to_string(total)}, {"x-next-page", next == 0 ? "" : std::to_string(next)}});
}

}  // namespace passgate::sync::test
