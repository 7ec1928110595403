// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sync/delivery_worker.h"
#include "sync/provider_worker.h"

namespace passgate::sync {

/// One entry of "providers": name, kind, state (ok | failing | paused), last_error,
/// last_status, queued, refused, oldest_queued, unmapped, templates with the end
/// of their last complete sweep.
nlohmann::json status_of(const ProviderWorker& worker, std::string_view kind, Outbox& outbox,
                         PassesStore& passes);

/// One entry of "subscribers": name, state (ok | failing | disabled), last_error,
/// last_status, queued, dead, oldest_queued.
nlohmann::json status_of(const DeliveryWorker& worker, Outbox& outbox);

}  // namespace passgate::sync
