// SPDX-License-Identifier: Apache-2.0
// What a request changed at a pass, found by comparing.
#include <utility>

#include "sim/cloud/pass_book.h"

namespace passgate::sim {
namespace {

using nlohmann::json;

/// The members of `after` that are new or different; a removed one is null.
json changed_members(const json& before, const json& after) {
  json changed = json::object();
  for (const auto& [key, value] : after.items()) {
    if (!before.contains(key) || before[key] != value) changed[key] = value;
  }
  for (const auto& [key, value] : before.items()) {
    if (!after.contains(key)) changed[key] = nullptr;
  }
  return changed;
}

/// The accepted use that came with this request, or null.
const CloudPass::Redemption* new_use(const PassBefore& before, const CloudPass& after) {
  for (std::size_t i = before.redemptions; i < after.redemptions.size(); ++i) {
    if (after.redemptions[i].accepted) return &after.redemptions[i];
  }
  return nullptr;
}

json marker_of(const PassBefore& before, const CloudPass& after) {
  json marker = json::object();
  if (const auto* use = new_use(before, after)) {
    marker["comment"] = use->comment;
    marker["by"] = use->by;
    marker["redemption"] = use->id;
  }
  if (before.fields != after.fields) {
    marker["fields"] = changed_members(json(before.fields), json(after.fields));
  }
  if (before.metadata != after.metadata) {
    marker["metadata"] = changed_members(before.metadata, after.metadata);
  }
  if (before.status != after.status) marker["status"] = after.status;
  if (before.expires != after.expires) marker["expires"] = after.expires;
  if (before.voided != after.voided) marker["voided"] = after.voided;
  return marker;
}

}  // namespace

PassBefore::PassBefore(const CloudPass& pass)
    : fields(pass.fields),
      metadata(pass.metadata),
      status(pass.status),
      expires(pass.expires),
      voided(pass.voided),
      destroyed(pass.destroyed),
      redeemed_count(pass.redeemed_count),
      writes(pass.patches + pass.puts),
      redemptions(pass.redemptions.size()) {}

std::optional<Effect> effect_of(const PassBefore& before, const CloudPass& after, std::string at) {
  Effect effect{"", std::move(at), marker_of(before, after)};
  if (before.destroyed != after.destroyed) {
    effect.what = "destroy";
  } else if (effect.marker.contains("redemption") || after.redeemed_count > before.redeemed_count) {
    effect.what = "redeem";
  } else if (after.redeemed_count < before.redeemed_count) {
    effect.what = "reset";
  } else if (!before.voided && after.voided) {
    effect.what = "void";
  } else if (!effect.marker.empty()) {
    effect.what = "patch";
  } else {
    return std::nullopt;
  }
  return effect;
}

}  // namespace passgate::sim
