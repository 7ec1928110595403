// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sync/provider_worker.h"
#include "sync/service/push_route.h"
#include "sync/subscriber_link.h"

namespace passgate::sync {

/// One entry of "providers": name, kind, state (ok | failing | paused), last_error,
/// last_status, queued, refused, ambiguous, oldest_queued, unmapped, echoes, templates
/// with the end of their last complete sweep, and while one is under way
/// "sweep": {template, rows, total, since}.
nlohmann::json status_of(const ProviderWorker& worker, std::string_view kind, Outbox& outbox,
                         PassesStore& passes);

/// "pushes" of a provider's entry: accepted, duplicate, ignored, refused, unstored,
/// last_refusal.
nlohmann::json status_of(const PushCounts& counts);

/// One entry of "subscribers": name, state (ok | failing | disabled | waiting for
/// consent), last_error, last_status, queued, dead, ambiguous, oldest_queued.
nlohmann::json status_of(const SubscriberLink& link, Outbox& outbox, MonoTime now);

}  // namespace passgate::sync
