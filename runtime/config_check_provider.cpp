// SPDX-License-Identifier: Apache-2.0
// What the passes, the HTTP service and the providers ask of each other.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "runtime/config_reader.h"
#include "runtime/toml_text.h"

namespace passgate::runtime {
namespace {

/// What a kind's passes can be found by.
std::vector<std::string_view> joins_of(std::string_view kind) {
  if (kind == "passworks") return {"id", "serial", "code"};
  return {"id", "serial"};
}

void check_join(const PassConfig& pass, const ProviderConfig& provider,
                std::vector<ConfigProblem>& problems) {
  const auto joins = joins_of(provider.kind);
  if (std::ranges::find(joins, pass.join) != joins.end()) return;
  problems.push_back(
      {pass.origin,
       fmt::format("join may not be {} with provider {}: {} does not list it",
                   toml_string(pass.join), toml_string(provider.name), provider.kind),
       fmt::format("one of: {}", fmt::join(joins, ", "))});
}

void check_campaign(const PassConfig& pass, const ProviderConfig& provider,
                    std::vector<ConfigProblem>& problems) {
  constexpr std::array<std::string_view, 5> kTypes = {"coupons", "store_cards", "event_tickets",
                                                      "boarding_passes", "generics"};
  if (provider.kind != "passworks") return;
  const std::string_view text = pass.pass_template;
  const auto slash = std::min(text.find('/'), text.size());
  const bool known = std::ranges::find(kTypes, text.substr(0, slash)) != kTypes.end();
  const auto campaign = text.substr(std::min(slash + 1, text.size()));
  if (known && !campaign.empty() && !campaign.contains('/')) return;
  problems.push_back(
      {pass.origin,
       fmt::format("template {} is no TYPE/CAMPAIGN, as passworks needs it", toml_string(text)),
       fmt::format("TYPE is one of: {}", fmt::join(kTypes, ", "))});
}

/// Passinstance documents no list, and without one the mirror stays empty.
void check_doubts(const PassConfig& pass, const ProviderConfig& provider,
                  std::vector<ConfigProblem>& problems) {
  if (provider.kind != "passinstance" || provider.list) return;
  if (pass.on_unknown == OnDoubt::admit && pass.on_stale == OnDoubt::admit) return;
  problems.push_back(
      {pass.origin,
       fmt::format("[[pass]] {} would admit nobody: provider {} has no list, so every pass is "
                   "unknown and stale",
                   toml_string(pass.name), toml_string(provider.name)),
       "give the provider a list, or the pass on_unknown = \"admit\" and on_stale = \"admit\""});
}

/// A recorded use that ends the pass everywhere fits only a pass of one use.
void check_last_use(const PassConfig& pass, const ProviderConfig& provider,
                    std::vector<ConfigProblem>& problems) {
  const std::string& mode = provider.redeem.mode;
  if (mode != "delete" && mode != "expire" && mode != "void") return;
  if (pass.uses == 1U) return;
  problems.push_back(
      {pass.origin,
       fmt::format("[[pass]] {} is for more than one use, but provider {} has "
                   "redeem.mode = {}, which ends a pass at its first",
                   toml_string(pass.name), toml_string(provider.name), toml_string(mode)),
       "uses = 1, or another mode"});
}

/// With a use comes what the pass is joined by, and from the list its id.
void check_path(const PassConfig& pass, const ProviderConfig& provider,
                std::vector<ConfigProblem>& problems) {
  const RedeemConfig& redeem = provider.redeem;
  if (provider.kind != "passinstance" || redeem.mode == "none") return;
  std::string_view unknown;
  if (redeem.path.contains("{serial}") && pass.join != "serial") unknown = "{serial}";
  if (redeem.path.contains("{id}") && pass.join == "serial" && !provider.list) unknown = "{id}";
  if (unknown.empty()) return;
  problems.push_back({pass.origin,
                      fmt::format("a use of [[pass]] {} cannot be recorded: provider {} has {} in "
                                  "redeem.path, but join = {} does not yield it",
                                  toml_string(pass.name), toml_string(provider.name), unknown,
                                  toml_string(pass.join)),
                      "path = \"/passes/{id}\" with join = \"id\", or {serial} with \"serial\""});
}

}  // namespace

void check_providers(const Config& config, const std::set<std::string>& judged,
                     std::vector<ConfigProblem>& problems) {
  for (const auto& pass : config.passes) {
    const ProviderConfig* provider = config.provider(pass.provider);
    if (!provider || provider->kind.empty()) continue;  // Reported already, or none.
    check_join(pass, *provider, problems);
    check_campaign(pass, *provider, problems);
    check_last_use(pass, *provider, problems);
    if (!judged.contains(pass.name)) continue;  // Only typed: never refused, never redeemed.
    check_doubts(pass, *provider, problems);
    check_path(pass, *provider, problems);
  }
  for (const auto& provider : config.providers) {
    if (!provider.webhook || config.http) continue;
    problems.push_back({provider.webhook->origin,
                        fmt::format("webhook of provider {}: nothing would ever arrive without "
                                    "[http]",
                                    toml_string(provider.name)),
                        "[http] listen = [\"127.0.0.1:8470\"]"});
  }
}

}  // namespace passgate::runtime
