// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "runtime/config.h"
#include "sync/provider/provider_secrets.h"
#include "sync/provider/session.h"

namespace passgate::sync {

/// The one place that knows which kinds of provider there are. Fails with a
/// sentence for the operator: an unknown kind, mode or state, a setting that its kind or mode
/// needs.
std::expected<std::unique_ptr<Provider>, std::string> make_provider(
    const runtime::ProviderConfig& config, ProviderSecrets secrets);

/// The templates `provider` is asked for: those of its `[[pass]]` entries, each
/// once. Fails with a sentence when one cannot be joined the way it asks.
std::expected<std::vector<ProviderTemplate>, std::string> templates_of(
    const runtime::Config& config, const runtime::ProviderConfig& provider);

}  // namespace passgate::sync
