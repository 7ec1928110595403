// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passworks_write.h"

#include <fmt/format.h>

#include "sync/provider/passworks_pass.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

PassworksWrite::PassworksWrite(const Passworks::Settings& settings, RedemptionOrder order)
    : order_(std::move(order)), calls_(settings, order_.pass_template), id_(order_.provider_id) {
  if (id_.empty() && order_.join == "id") id_ = order_.pass_id;
}

RedeemStep PassworksWrite::start() {
  if (!id_.empty()) return begin();
  if (order_.join != "code") return not_listed_yet();
  finding_ = true;
  return Send{calls_.by_code(order_.pass_id), std::nullopt};
}

RedeemStep PassworksWrite::take(const Result<HttpAnswer>& answer, WallTime now) {
  if (!finding_) return go_on(answer, now);
  if (!answer) return failure_of(answer.error());
  if (auto failure = passworks_failure(*answer, now)) return *failure;
  const auto json = nlohmann::json::parse(answer->body, nullptr, /*allow_exceptions=*/false);
  const auto* id = passworks_found_id(json);
  if (id == nullptr) return bad_reply();
  id_ = *id;
  finding_ = false;
  return begin();
}

HttpRequest PassworksWrite::redeem_request() const {
  const auto comment =
      fmt::format("{} gate:{} at:{}", marker(), order_.terminal, to_rfc3339(order_.at));
  return order_.join == "code" ? calls_.redeem_code(order_.pass_id, comment)
                               : calls_.redeem(id_, comment);
}

std::string PassworksWrite::marker() const {
  return "scan:" + order_.tap_id.text();
}

bool is_refused_write(const HttpAnswer& answer, const Failure& failure) {
  return answer.status >= 400 && answer.status < 500 && failure.remedy == Remedy::give_up;
}

Failure passworks_refused(int status) {
  return {Remedy::give_up, Error(Errc::rejected, status), std::nullopt};
}

}  // namespace passgate::sync
