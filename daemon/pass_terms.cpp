// SPDX-License-Identifier: Apache-2.0
#include "daemon/pass_terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/require.h"
#include "runtime/secrets.h"
#include "terms/pass_policy.h"

namespace passgate::daemon {
namespace {

using runtime::PassConfig;

template <class T>
using Loaded = std::expected<T, std::string>;

std::string at(const runtime::Origin& origin, const std::string& what) {
  return fmt::format("{}:{}: {}", origin.file.string(), origin.line, what);
}

Loaded<SecretBytes> load_secret(const runtime::SecretRef& ref, const std::filesystem::path& dir) {
  auto secret = runtime::resolve(ref, dir);
  if (secret) return std::move(*secret);
  const bool open = secret.error().code() == Errc::secret_too_open;
  return std::unexpected(
      at(ref.origin,
         fmt::format("{} {}", ref.text(),
                     open ? "can be read by group or others (chmod 0600 mends it)"
                          : fmt::format("cannot be read ({})", name(secret.error().code())))));
}

std::string no_key(const runtime::SecretRef& ref) {
  return at(ref.origin, ref.text() + " is not a P-256 private key");
}

Loaded<crypto::VasKeyRing> load_apple(const runtime::AppleConfig& apple,
                                      const std::filesystem::path& dir) {
  crypto::VasKeyRing ring{PassTypeId(apple.pass_type_id)};
  for (const runtime::SecretRef& ref : apple.keys) {
    const auto secret = load_secret(ref, dir);
    if (!secret) return std::unexpected(secret.error());
    if (!ring.add(*secret)) return std::unexpected(no_key(ref));
  }
  return ring;
}

/// @param word  One that the configuration accepts.
apdu::ServiceType service_named(std::string_view word) {
  if (word == "all") return apdu::ServiceType::all;
  const auto kind = apdu::object_kind_from(word);
  PG_REQUIRE(kind);  // Else both lists of names have parted: not a reason to ask for all.
  return apdu::service_of(*kind);
}

Loaded<GoogleTerms> load_google(const runtime::GoogleConfig& google,
                                const std::filesystem::path& dir) {
  GoogleTerms terms{.keys = crypto::CollectorKeys(CollectorId(google.collector_id)),
                    .services = {}};
  for (const auto& [version, ref] : google.keys) {
    const auto secret = load_secret(ref, dir);
    if (!secret) return std::unexpected(secret.error());
    if (!terms.keys.add(version, *secret)) return std::unexpected(no_key(ref));
  }
  for (const std::string& service : google.services) {
    terms.services.push_back(service_named(service));
  }
  return terms;
}

bool is_tap_field(std::string_view word) {
  const auto same = [&](std::string_view field) { return field == word; };
  return std::ranges::any_of(kTapFields, same) || std::ranges::any_of(kObjectFields, same);
}

/// Nobody could ever come as more than one.
bool lacks_party(const PassConfig& pass, const gate::PassPattern& pattern) {
  const auto groups = pattern.group_names();
  return pass.max_party > 1 && std::ranges::find(groups, kPartyGroup) == groups.end();
}

Loaded<gate::PassPattern> compile_pattern(const PassConfig& pass) {
  if (!pass.pattern) return gate::PassPattern::whole_payload();
  auto pattern = gate::PassPattern::compile(*pass.pattern);
  if (!pattern) {
    return std::unexpected(
        at(pass.origin,
           fmt::format("pass {}: pattern is not valid RE2 or has no group pass_id", pass.name)));
  }
  for (const std::string& group : pattern->group_names()) {
    if (is_tap_field(group)) {
      return std::unexpected(at(
          pass.origin,
          fmt::format("pass {}: pattern names a group {}, which has a meaning of its own in type",
                      pass.name, group)));
    }
  }
  if (lacks_party(pass, *pattern)) {
    return std::unexpected(
        at(pass.origin, fmt::format("pass {}: max_party needs a group {} in pattern: how many come "
                                    "with the pass",
                                    pass.name, kPartyGroup)));
  }
  return std::move(*pattern);
}

/// A field is what a tap offers or what the pattern names.
bool is_field(std::string_view word, const gate::PassPattern& pattern) {
  const auto groups = pattern.group_names();
  return is_tap_field(word) || std::ranges::find(groups, word) != groups.end();
}

Loaded<hid::TypingTemplate> parse_type(const PassConfig& pass, const gate::PassPattern& pattern) {
  auto type = hid::TypingTemplate::parse(pass.type);
  if (!type) {
    return std::unexpected(at(pass.origin, fmt::format("pass {}: stray brace in type at offset {}",
                                                       pass.name, type.error().detail())));
  }
  for (const std::string& field : type->field_names()) {
    if (!is_field(field, pattern)) {
      return std::unexpected(at(pass.origin, fmt::format("pass {}: type uses {{{}}}, which is no "
                                                         "group of the pattern",
                                                         pass.name, field)));
    }
  }
  return std::move(*type);
}

Loaded<std::vector<std::string>> check_display(const PassConfig& pass,
                                               const gate::PassPattern& pattern) {
  for (const std::string& field : pass.display) {
    if (is_field(field, pattern)) continue;
    return std::unexpected(
        at(pass.origin, fmt::format("pass {}: display names {}, which is no group of the pattern",
                                    pass.name, field)));
  }
  return pass.display;
}

using Services = std::map<std::string, std::shared_ptr<const RemoteService>>;

Services services_of(const runtime::Config& config) {
  // Beyond its time it is passgate-syncd's turn to say that there was no answer.
  constexpr Milliseconds kToSaySo{200};
  Services services;
  for (const runtime::DecryptServiceConfig& service : config.decrypt_services) {
    auto remote = std::make_shared<RemoteService>();
    remote->name = service.name;
    remote->budget = service.timeout + kToSaySo;
    services.emplace(service.name, std::move(remote));
  }
  return services;
}

Loaded<PassTerms> load_one(const PassConfig& pass, const std::filesystem::path& dir,
                           const Services& services) {
  auto pattern = compile_pattern(pass);
  if (!pattern) return std::unexpected(pattern.error());
  auto type = parse_type(pass, *pattern);
  if (!type) return std::unexpected(type.error());
  auto display = check_display(pass, *pattern);
  if (!display) return std::unexpected(display.error());
  auto policy = terms::policy_of(pass);
  if (!policy) return std::unexpected(policy.error());
  PassTerms terms{.name = pass.name,
                  .provider = pass.provider,
                  .pass_template = pass.pass_template,
                  .signup_url = pass.apple ? pass.apple->signup_url : "",
                  .apple_keys = {},
                  .apple_remote = {},
                  .google = {},
                  .pattern = std::move(*pattern),
                  .type = std::move(*type),
                  .display = std::move(*display),
                  .policy = std::move(*policy)};
  if (pass.apple && pass.apple->remote.empty()) {
    auto keys = load_apple(*pass.apple, dir);
    if (!keys) return std::unexpected(keys.error());
    terms.apple_keys = std::move(*keys);
  } else if (pass.apple) {
    const auto service = services.find(pass.apple->remote);
    if (service == services.end()) {
      return std::unexpected(at(pass.origin, fmt::format("pass {}: there is no decrypt_service {}",
                                                         pass.name, pass.apple->remote)));
    }
    terms.apple_remote = {.merchant = crypto::merchant_hash(PassTypeId(pass.apple->pass_type_id)),
                          .service = service->second};
  }
  if (pass.google) {
    auto google = load_google(*pass.google, dir);
    if (!google) return std::unexpected(google.error());
    terms.google = std::move(*google);
  }
  return terms;
}

}  // namespace

const MerchantHash* PassTerms::merchant() const noexcept {
  if (apple_keys) return &apple_keys->merchant();
  return apple_remote ? &apple_remote->merchant : nullptr;
}

bool GoogleTerms::accepts(apdu::ObjectKind kind) const {
  return std::ranges::any_of(services, [&](apdu::ServiceType service) {
    return service == apdu::ServiceType::all || service == apdu::service_of(kind);
  });
}

std::expected<std::vector<PassTerms>, std::string> load_pass_terms(
    const runtime::Config& config, const std::filesystem::path& credentials_dir) {
  const Services services = services_of(config);
  std::vector<PassTerms> all;
  for (const PassConfig& pass : config.passes) {
    auto one = load_one(pass, credentials_dir, services);
    if (!one) return std::unexpected(one.error());
    all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace passgate::daemon
