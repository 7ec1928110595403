// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "core/secret.h"
#include "runtime/config.h"
#include "sync/webhook/push.h"

namespace passgate::sync {

/// The reader of the pushes of a provider that has a webhook configured.
/// @param secrets  What `webhook.secrets` name, resolved.
/// Fails with a sentence for the operator.
std::expected<std::unique_ptr<PushReader>, std::string> make_push_reader(
    const runtime::ProviderConfig& config, std::vector<SecretBytes> secrets);

}  // namespace passgate::sync
