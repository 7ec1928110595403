// SPDX-License-Identifier: Apache-2.0
#include "daemon/pass_terms.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/secrets.h"

namespace passgate::daemon {
namespace {

using runtime::PassConfig;

template <class T>
using Loaded = std::expected<T, std::string>;

std::string at(const runtime::Origin& origin, const std::string& what) {
  return fmt::format("{}:{}: {}", origin.file.string(), origin.line, what);
}

Loaded<crypto::VasKeyRing> load_keys(const PassConfig& pass, const std::filesystem::path& dir) {
  crypto::VasKeyRing ring{PassTypeId(pass.apple->pass_type_id)};
  for (const runtime::SecretRef& ref : pass.apple->keys) {
    const auto secret = runtime::resolve(ref, dir);
    if (!secret) {
      const bool open = secret.error().code() == Errc::secret_too_open;
      return std::unexpected(
          at(ref.origin,
             fmt::format("{} {}", ref.text(),
                         open ? "can be read by group or others (chmod 0600 mends it)"
                              : fmt::format("cannot be read ({})", name(secret.error().code())))));
    }
    if (!ring.add(*secret)) {
      return std::unexpected(at(ref.origin, ref.text() + " is not a P-256 private key"));
    }
  }
  return ring;
}

Loaded<gate::PassPattern> compile_pattern(const PassConfig& pass) {
  if (!pass.pattern) return gate::PassPattern::whole_payload();
  auto pattern = gate::PassPattern::compile(*pass.pattern);
  if (!pattern) {
    return std::unexpected(
        at(pass.origin,
           fmt::format("pass {}: pattern is not valid RE2 or has no group pass_id", pass.name)));
  }
  return std::move(*pattern);
}

/// The template may use what a tap offers and what the pattern names.
Loaded<hid::TypingTemplate> parse_type(const PassConfig& pass, const gate::PassPattern& pattern) {
  auto type = hid::TypingTemplate::parse(pass.type);
  if (!type) {
    return std::unexpected(at(pass.origin, fmt::format("pass {}: stray brace in type at offset {}",
                                                       pass.name, type.error().detail())));
  }
  std::vector<std::string> known = {"payload", "pass_id", "template", "time"};
  std::ranges::copy(pattern.group_names(), std::back_inserter(known));
  for (const std::string& field : type->field_names()) {
    if (std::ranges::find(known, field) == known.end()) {
      return std::unexpected(at(pass.origin, fmt::format("pass {}: type uses {{{}}}, which is no "
                                                         "group of the pattern",
                                                         pass.name, field)));
    }
  }
  return std::move(*type);
}

gate::Fallback fallback(runtime::OnDoubt doubt) {
  return doubt == runtime::OnDoubt::admit ? gate::Fallback::admit : gate::Fallback::deny;
}

Loaded<PassTerms> load_one(const PassConfig& pass, const std::filesystem::path& dir) {
  auto keys = load_keys(pass, dir);
  if (!keys) return std::unexpected(keys.error());
  auto pattern = compile_pattern(pass);
  if (!pattern) return std::unexpected(pattern.error());
  auto type = parse_type(pass, *pattern);
  if (!type) return std::unexpected(type.error());
  return PassTerms{.name = pass.name,
                   .provider = pass.provider,
                   .pass_template = pass.pass_template,
                   .signup_url = pass.apple->signup_url,
                   .apple_keys = std::move(*keys),
                   .pattern = std::move(*pattern),
                   .type = std::move(*type),
                   .policy = {.uses = pass.uses,
                              .zones = pass.zones,
                              .on_unknown = fallback(pass.on_unknown),
                              .on_stale = fallback(pass.on_stale),
                              .max_cache_age = pass.max_cache_age,
                              .max_skew = pass.max_skew}};
}

}  // namespace

std::expected<std::vector<PassTerms>, std::string> load_pass_terms(
    const runtime::Config& config, const std::filesystem::path& credentials_dir) {
  std::vector<PassTerms> all;
  for (const PassConfig& pass : config.passes) {
    auto one = load_one(pass, credentials_dir);
    if (!one) return std::unexpected(one.error());
    all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace passgate::daemon
