// SPDX-License-Identifier: Apache-2.0
#include "sync/setup.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include "runtime/secrets.h"
#include "sync/pairing.h"
#include "sync/provider/make_provider.h"
#include "sync/standard_webhooks.h"
#include "sync/webhook/make_push_reader.h"

namespace passgate::sync {

namespace {

using runtime::ConfigProblem;
using runtime::SecretRef;

/// Collects what could not be set up while it goes on with the rest.
class Setter {
 public:
  Setter(const std::filesystem::path& credentials_dir, std::vector<ConfigProblem>& problems)
      : credentials_dir_(credentials_dir), problems_(problems) {}

  void add_provider(const runtime::Config& config, const runtime::ProviderConfig& from,
                    Setup& setup);
  void add_subscriber(const runtime::SubscriberConfig& from, Setup& setup);
  void add_http(const runtime::HttpConfig& from, Setup& setup);
  void add_client(const runtime::Config& config, const runtime::HttpClientConfig& from,
                  Setup& setup);
  void add_decrypt_service(const runtime::DecryptServiceConfig& from, Setup& setup);

 private:
  ProviderSecrets secrets_of(const runtime::Config& config, const runtime::ProviderConfig& from);
  void add_push_reader(const runtime::ProviderConfig& from, Setup& setup);
  SecretBytes secret(const SecretRef& ref);
  void problem(const runtime::Origin& where, std::string message, std::string hint = "") {
    problems_.push_back({where, std::move(message), std::move(hint)});
  }

  const std::filesystem::path& credentials_dir_;
  std::vector<ConfigProblem>& problems_;
};

SecretBytes Setter::secret(const SecretRef& ref) {
  auto secret = runtime::resolve_text(ref, credentials_dir_);
  if (secret) return std::move(*secret);
  const auto& error = secret.error();
  if (error.code() == Errc::secret_too_open) {
    problem(ref.origin,
            fmt::format("{} may be read by others (mode {:04o})", ref.text(), error.detail()),
            "chmod 600");
  } else {
    problem(ref.origin, fmt::format("{} cannot be read: {}", ref.text(),
                                    std::generic_category().message(error.detail())));
  }
  return {};
}

void Setter::add_provider(const runtime::Config& config, const runtime::ProviderConfig& from,
                          Setup& setup) {
  if (!from.api_key)
    return problem(from.origin, fmt::format("provider '{}' has no api_key", from.name));
  auto secrets = secrets_of(config, from);
  auto own_device = secrets.scanner_device;
  auto provider = make_provider(from, std::move(secrets));
  if (!provider) {
    return problem(from.origin, fmt::format("provider '{}': {}", from.name, provider.error()));
  }
  auto templates = templates_of(config, from);
  if (!templates) {
    return problem(from.origin, fmt::format("provider '{}': {}", from.name, templates.error()));
  }
  if ((*provider)->redeems()) setup.routes.redeeming_providers.insert(from.name);
  setup.providers.push_back({.kind = from.kind,
                             .provider = std::move(*provider),
                             .settings = {.name = from.name,
                                          .templates = std::move(*templates),
                                          .refresh = from.refresh,
                                          .full_refresh = from.full_refresh,
                                          .max_rps = from.max_rps,
                                          .retry_base = from.retry_base,
                                          .own_device = std::move(own_device)}});
  add_push_reader(from, setup);
}

ProviderSecrets Setter::secrets_of(const runtime::Config& config,
                                   const runtime::ProviderConfig& from) {
  ProviderSecrets secrets;
  secrets.api_key = secret(*from.api_key);
  secrets.scanner_name = from.redeem.scanner_name;
  if (from.redeem.token) {
    secrets.token = secret(*from.redeem.token);
  } else if (needs_pairing(from)) {
    auto paired = read_pairing(config.terminal, from.name);
    if (!paired) {
      problem(from.origin, fmt::format("provider '{}' is not paired", from.name),
              fmt::format("passgate-syncd --pair {}", from.name));
      return secrets;
    }
    secrets.token = std::move(paired->token);
    secrets.scanner_name = std::move(paired->name);
    secrets.scanner_device = std::move(paired->device);
  }
  return secrets;
}

void Setter::add_push_reader(const runtime::ProviderConfig& from, Setup& setup) {
  auto& reader = setup.push_readers[from.name];
  if (!from.webhook) return;
  std::vector<SecretBytes> secrets;
  for (const auto& ref : from.webhook->secrets) secrets.push_back(secret(ref));
  auto made = make_push_reader(from, std::move(secrets));
  if (made) {
    reader = std::move(*made);
  } else {
    problem(from.origin, fmt::format("provider '{}': {}", from.name, made.error()));
  }
}

void Setter::add_http(const runtime::HttpConfig& from, Setup& setup) {
  HttpFace::Settings face;
  face.listen = from.listen;
  if (from.tls_cert && from.tls_key) {
    std::ifstream file(*from.tls_cert, std::ios::binary);
    std::string certificate{std::istreambuf_iterator<char>(file), {}};
    if (certificate.empty()) {
      problem(from.origin, fmt::format("{} cannot be read", from.tls_cert->string()));
    }
    face.tls = {.certificate = std::move(certificate), .key = secret(*from.tls_key)};
  }
  setup.http = std::move(face);
  setup.hosts = from.hosts;
}

/// What a client may ask for, by every name it has here: each template and all
/// passes that are made of it.
std::vector<std::string> aliases(const runtime::Config& config,
                                 const std::vector<std::string>& templates) {
  std::set<std::string> all;
  for (const auto& wanted : templates) {
    for (const auto& pass : config.passes) {
      if (pass.name == wanted || pass.pass_template == wanted) {
        all.insert({pass.name, pass.pass_template});
      }
    }
  }
  return {all.begin(), all.end()};
}

std::vector<Role> roles_of(const std::vector<std::string>& words) {
  std::vector<Role> roles;
  for (const auto& word : words) {
    if (word == "decrypt") roles.push_back(Role::decrypt);
    if (word == "display") roles.push_back(Role::display);
    if (word == "operator") roles.push_back(Role::operate);
    if (word == "metrics") roles.push_back(Role::metrics);
  }
  return roles;
}

void Setter::add_client(const runtime::Config& config, const runtime::HttpClientConfig& from,
                        Setup& setup) {
  if (!from.api_key) {
    return problem(from.origin, fmt::format("client '{}' has no api_key", from.account_id));
  }
  setup.clients.push_back({.account_id = from.account_id,
                           .api_key = secret(*from.api_key),
                           .roles = roles_of(from.roles),
                           .templates = aliases(config, from.templates),
                           .max_rps = from.max_rps});
}

void Setter::add_decrypt_service(const runtime::DecryptServiceConfig& from, Setup& setup) {
  if (!from.api_key) {
    return problem(from.origin, fmt::format("decrypt_service '{}' has no api_key", from.name));
  }
  setup.decrypt_services.push_back({.name = from.name,
                                    .url = from.url,
                                    .account_id = from.account_id,
                                    .api_key = secret(*from.api_key),
                                    .timeout = from.timeout});
}

void Setter::add_subscriber(const runtime::SubscriberConfig& from, Setup& setup) {
  DeliveryWorker::Settings settings;
  settings.name = from.name;
  settings.url = from.url;
  settings.retry_base = from.retry_base;
  settings.parallel = from.parallel;
  settings.origin = from.origin_name;
  if (from.bearer) settings.bearer = secret(*from.bearer);
  for (const auto& ref : from.secrets) {
    const auto text = secret(ref);
    if (text.empty()) continue;  // Reported.
    auto key = webhook_key(text);
    if (key) {
      settings.keys.push_back(std::move(*key));
    } else {
      problem(ref.origin, fmt::format("{} is no Standard Webhooks secret", ref.text()),
              "whsec_ and base64 of 24 to 64 bytes");
    }
  }
  setup.subscribers.push_back(std::move(settings));
  setup.routes.subscribers.push_back(
      {.name = from.name, .events = {from.events.begin(), from.events.end()}});
}

}  // namespace

std::expected<Setup, std::vector<ConfigProblem>> set_up(
    const runtime::Config& config, const std::filesystem::path& credentials_dir) {
  Setup setup;
  std::vector<ConfigProblem> problems;
  Setter setter(credentials_dir, problems);
  for (const auto& provider : config.providers) setter.add_provider(config, provider, setup);
  for (const auto& subscriber : config.subscribers) setter.add_subscriber(subscriber, setup);
  if (config.http) {
    setter.add_http(*config.http, setup);
    for (const auto& client : config.http->clients) setter.add_client(config, client, setup);
  }
  for (const auto& service : config.decrypt_services) setter.add_decrypt_service(service, setup);
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return setup;
}

}  // namespace passgate::sync
