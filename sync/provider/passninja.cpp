// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passninja.h"

#include <nlohmann/json.hpp>

#include "sync/http/url.h"
#include "sync/provider/passninja_sweep.h"
#include "sync/provider/redeem_template.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

namespace {

/// PATCH /passes/{template}/{serial} {"pass":{…}}. The values are absolute, so
/// a request whose answer was lost is simply sent again. (Never PUT: it resets
/// every field that is not named.)
class PassNinjaRedeem final : public RedeemSession {
 public:
  explicit PassNinjaRedeem(HttpRequest request) : request_(std::move(request)) {}

  RedeemStep start() override { return Send{request_, std::nullopt}; }
  RedeemStep take(const Result<HttpAnswer>& answer, WallTime now) override {
    if (!answer) return failure_of(answer.error());
    if (auto failure = failure_of(*answer, now)) return *failure;
    return Recorded{};
  }

 private:
  HttpRequest request_;
};

}  // namespace

std::unique_ptr<SweepSession> PassNinja::sweep(const ProviderTemplate& of,
                                               std::string_view /*checkpoint*/) const {
  return std::make_unique<PassNinjaSweep>(settings_, of);
}

std::unique_ptr<RedeemSession> PassNinja::redeem(const RedemptionOrder& order,
                                                 std::string_view /*memo*/) const {
  nlohmann::json fields = nlohmann::json::object();
  for (const auto& [name, value] : settings_.redeem_fields) {
    fields[name] = expand_redeem_template(value, order);
  }
  HttpRequest request;
  request.method = "PATCH";
  request.url = settings_.base_url + "/passes/" + percent_encode(order.pass_template) + "/" +
                percent_encode(order.pass_id);
  request.body = nlohmann::json{{"pass", fields}}.dump(-1, ' ', false,
                                                       nlohmann::json::error_handler_t::replace);
  request.headers = {{"Accept", "application/json"},
                     {"Content-Type", "application/json"},
                     {"X-ACCOUNT-ID", settings_.account_id}};
  request.secret_headers = {{"X-API-KEY", "", &settings_.api_key}};
  request.budget = settings_.timeout;
  return std::make_unique<PassNinjaRedeem>(std::move(request));
}

}  // namespace passgate::sync
