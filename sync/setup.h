// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/config.h"
#include "sync/delivery_worker.h"
#include "sync/job_plan.h"
#include "sync/provider_worker.h"
#include "sync/remote_keys.h"
#include "sync/service/access.h"
#include "sync/service/http_face.h"
#include "sync/service/push_route.h"

namespace passgate::sync {

struct ProviderSetup {
  std::string kind;
  std::unique_ptr<Provider> provider;
  ProviderWorker::Settings settings;
};

/// What the configuration asks of this daemon, its secrets resolved.
struct Setup {
  std::vector<ProviderSetup> providers;
  std::vector<DeliveryWorker::Settings> subscribers;
  Routes routes;
  PushRoute::Readers push_readers;         ///< Of every provider; null: no webhook.
  std::optional<HttpFace::Settings> http;  ///< Absent: nothing is listened to.
  std::vector<ClientTerms> clients;        ///< Who may ask over HTTP.
  std::vector<std::string> hosts;          ///< `[http] hosts`.
  std::vector<DecryptServiceTerms> decrypt_services;
};

/// Resolves the secrets of all that is asked or asks over the network, and no pass key. Reports
/// every problem, not only the first.
/// @param credentials_dir  $CREDENTIALS_DIRECTORY, may be empty.
std::expected<Setup, std::vector<runtime::ConfigProblem>> set_up(
    const runtime::Config& config, const std::filesystem::path& credentials_dir);

}  // namespace passgate::sync
