// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passmint_pass.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

}  // namespace

std::optional<PassmintPolicy> read_passmint_policy(const HttpAnswer& answer) {
  if (answer.status != 200) return std::nullopt;
  const auto json = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  const auto policy = json.find("redemption_policy");
  if (policy == json.end() || policy->is_null()) return PassmintPolicy{};
  const auto* mode = text_in(*policy, "mode");
  if (mode == nullptr) return std::nullopt;
  if (*mode == "single_use") return PassmintPolicy{.most = 1};
  if (*mode != "count") return PassmintPolicy{};
  // Written with one spelling, answered with the other.
  auto most = uses_in(*policy, "maxUses");
  if (most == 0U) most = uses_in(*policy, "max_uses");
  if (!most || *most == 0) return std::nullopt;
  return PassmintPolicy{.most = most};
}

std::optional<PassmintRow> read_passmint_pass(const Passmint::Settings& settings,
                                              const ProviderTemplate& of,
                                              const PassmintPolicy& policy, const Json& pass) {
  const auto* id = id_in(pass, "id");
  const auto* join = of.join == "serial" ? id_in(pass, "serial_number") : id;
  if (id == nullptr || join == nullptr || is_of_other_template(pass, of)) return std::nullopt;
  const auto voided = pass.find("voided");
  const auto uses = uses_in(pass, "redeemed_count");
  if (voided == pass.end() || !voided->is_boolean() || !uses) return std::nullopt;
  PassmintRow read{.row = {.join_value = *join,
                           .provider_id = *id,
                           .state = gate::PassState::unknown,
                           .valid_from = std::nullopt,
                           .valid_until = std::nullopt}};
  std::string_view word = "active";
  auto state = gate::PassState::valid;
  if (voided->get<bool>()) {
    word = "voided";
    state = gate::PassState::voided;
  } else if (policy.most && *uses >= *policy.most) {
    word = "redeemed";
    state = gate::PassState::redeemed;
  }
  read.unmapped = !judge(settings.reading, word, state, pass, read.row);
  return read;
}

bool is_of_other_template(const Json& pass, const ProviderTemplate& of) {
  const auto* named = text_in(pass, "template_id");
  return named != nullptr && *named != of.pass_template;
}

}  // namespace passgate::sync
