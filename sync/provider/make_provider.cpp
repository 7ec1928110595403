// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/make_provider.h"

#include <fmt/format.h>

#include <algorithm>

#include "sync/provider/passinstance.h"
#include "sync/provider/passmint.h"
#include "sync/provider/passninja.h"
#include "sync/provider/passworks.h"

namespace passgate::sync {

namespace {

bool knows_codes(std::string_view kind) {
  return kind == "passworks";
}

}  // namespace

std::expected<std::unique_ptr<Provider>, std::string> make_provider(
    const runtime::ProviderConfig& config, ProviderSecrets secrets) {
  if (config.kind == "passninja") return make_passninja(config, std::move(secrets));
  if (config.kind == "passmint") return make_passmint(config, std::move(secrets));
  if (config.kind == "passinstance") return make_passinstance(config, std::move(secrets));
  if (config.kind == "passworks") return make_passworks(config, std::move(secrets));
  return std::unexpected(fmt::format("kind '{}' is not supported", config.kind));
}

std::expected<std::vector<ProviderTemplate>, std::string> templates_of(
    const runtime::Config& config, const runtime::ProviderConfig& provider) {
  std::vector<ProviderTemplate> templates;
  for (const auto& pass : config.passes) {
    if (pass.provider != provider.name) continue;
    if (pass.join == "code" && !knows_codes(provider.kind)) {
      return std::unexpected(
          fmt::format("pass '{}': {} knows no code to join by", pass.name, provider.kind));
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
