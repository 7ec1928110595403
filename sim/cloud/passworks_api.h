// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/secret.h"
#include "sim/cloud/cloud_api.h"

namespace passgate::sim {

/// Where the vendor's documents leave room.
struct PassworksOptions {
  /// That lists can be filtered by `updated_at` is implied, not said: false
  /// ignores `q[updated_at_gteq]`, as a server does that does not know it.
  bool filters_by_update = true;
  /// The log of redeems is mentioned, its shape is not: false has no such route.
  bool lists_redeems = true;
  SecretBytes push_authorization;  ///< The literal `Authorization` of pushes; empty: none.
};

/// Passworks API v2 on a pass book whose template ids are "TYPE/CAMPAIGN":
///
///   GET         /v2/{type}/{campaign}/passes[?page=&per_page=&q[updated_at_gteq]=&q[s]=]
///   GET, PATCH  /v2/{type}/{campaign}/passes/{id}
///   POST        /v2/{type}/{campaign}/passes/{id}/redeem  |  reset_redeem
///   GET         /v2/{type}/{campaign}/redeem/{code}
///   POST        /v2/{type}/{campaign}/redeem
///   GET         /v2/{type}/{campaign}[/passes/{id}]/redeems[?page=&per_page=]
///
/// Every redeem counts, repeated or not; the first one voids the pass unless the
/// template's policy is `reusable` (the vendor's allow_multiple_redeems).
/// Refusals are answers: 412 for what a body or a query may not say and for the
/// redeem of a voided pass, 415 for a body that is not declared as JSON.
class PassworksApi final : public CloudApi {
 public:
  /// @param book, clock  Outlive *this.
  PassworksApi(PassBook& book, std::string_view account_id, const SecretBytes& api_key,
               const Clock& clock, PassworksOptions options = {});

  bool lists(const HttpRequest& request) const override;
  ApiAnswer admit(const HttpRequest& request) const override;
  ApiAnswer answer(const HttpRequest& request, const ListQuirks& quirks) override;
  ApiAnswer failing(int status) const override;
  bool tells_rate() const override { return true; }
  std::vector<Push> take_pushes() override;

 private:
  ApiAnswer campaign_route(PassTemplate& of, const HttpRequest& request, const ListQuirks& quirks);
  ApiAnswer pass_route(PassTemplate& of, const HttpRequest& request);
  ApiAnswer list(const PassTemplate& of, const Target& target, const ListQuirks& quirks) const;
  ApiAnswer list_redeems(const std::vector<const CloudPass*>& passes, const Target& target) const;
  ApiAnswer patch(const PassTemplate& of, CloudPass& pass, const HttpRequest& request) const;
  ApiAnswer redeem_by_code(PassTemplate& of, const HttpRequest& request);
  ApiAnswer redeem_by_id(const PassTemplate& of, CloudPass& pass, const HttpRequest& request);
  ApiAnswer redeem(const PassTemplate& of, CloudPass& pass, std::string comment);
  ApiAnswer reset(const PassTemplate& of, CloudPass& pass, const HttpRequest& request) const;
  Push push_of(const PassTemplate& of, const CloudPass& pass) const;

  PassBook& book_;
  SecretBytes credentials_;  ///< "account:key"
  const Clock& clock_;
  PassworksOptions options_;
  std::uint64_t redemptions_ = 0;  ///< Ever tried; what their ids are made of.
  std::vector<Push> pushes_;
};

}  // namespace passgate::sim
