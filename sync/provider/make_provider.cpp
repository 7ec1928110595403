// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/make_provider.h"

#include <fmt/format.h>

#include <algorithm>

#include "sync/http/url.h"
#include "sync/provider/passninja.h"

namespace passgate::sync {

namespace {

using Made = std::expected<std::unique_ptr<Provider>, std::string>;

std::expected<std::map<std::string, gate::PassState>, std::string> states_of(
    const std::map<std::string, std::string>& words) {
  std::map<std::string, gate::PassState> states;
  for (const auto& [word, state] : words) {
    const auto known = gate::pass_state_from(state);
    if (!known) return std::unexpected(fmt::format("status_map: '{}' is no state", state));
    states.emplace(word, *known);
  }
  return states;
}

Made make_passninja(const runtime::ProviderConfig& config, SecretBytes api_key) {
  PassNinja::Settings settings;
  settings.base_url = without_trailing_slash(config.base_url);
  settings.account_id = config.account_id;
  settings.api_key = std::move(api_key);
  settings.page_size = std::clamp(config.page_size, 1U, 10000U);
  settings.timeout = config.timeout;
  auto states = states_of(config.status_map);
  if (!states) return std::unexpected(states.error());
  settings.status_map = std::move(*states);
  if (config.redeem.mode.empty() || config.redeem.mode == "patch") {
    settings.redeem_fields = config.redeem.fields;
  } else if (config.redeem.mode != "none") {
    return std::unexpected(
        fmt::format("redeem: mode '{}' is not one of patch, none", config.redeem.mode));
  }
  return std::make_unique<PassNinja>(std::move(settings));
}

}  // namespace

Made make_provider(const runtime::ProviderConfig& config, SecretBytes api_key) {
  if (config.kind == "passninja") return make_passninja(config, std::move(api_key));
  return std::unexpected(fmt::format("kind '{}' is not supported", config.kind));
}

std::expected<std::vector<ProviderTemplate>, std::string> templates_of(
    const runtime::Config& config, const runtime::ProviderConfig& provider) {
  std::vector<ProviderTemplate> templates;
  for (const auto& pass : config.passes) {
    if (pass.provider != provider.name) continue;
    if (provider.kind == "passninja" && pass.join == "code") {
      return std::unexpected(
          fmt::format("pass '{}': PassNinja's list has no code to join by", pass.name));
    }
    const auto same =
        std::ranges::find(templates, pass.pass_template, &ProviderTemplate::pass_template);
    if (same == templates.end()) {
      templates.push_back({pass.pass_template, pass.join});
    } else if (same->join != pass.join) {
      return std::unexpected(fmt::format("pass '{}': template '{}' is already joined by {}",
                                         pass.name, pass.pass_template, same->join));
    }
  }
  return templates;
}

}  // namespace passgate::sync
