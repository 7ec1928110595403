// SPDX-License-Identifier: Apache-2.0
#include "sync/service/access.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/bytes.h"
#include "crypto/digest.h"

namespace passgate::sync {

namespace {

struct Credentials {
  std::string account;
  std::string key;
};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// RFC 7617: "Basic", blanks, base64 of account:key. Nothing: it is not that.
std::optional<Credentials> basic_credentials(std::string_view text) {
  constexpr std::string_view kScheme = "basic";
  if (!same_but_for_case(text.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  const auto start = text.find_first_not_of(' ');
  if (start == 0 || start == std::string_view::npos) return std::nullopt;
  const auto pair = from_base64(text.substr(start));
  if (!pair) return std::nullopt;
  const auto plain = text_of(*pair);
  const auto colon = plain.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return Credentials{.account = std::string(plain.substr(0, colon)),
                     .key = std::string(plain.substr(colon + 1))};
}

std::string_view without_brackets(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

/// Whether a page of another site may be behind it. A link that somebody
/// followed to us is not held against it: the other page does not see the answer.
bool from_another_site(const HttpAsk& ask) {
  const auto* site = ask.header("sec-fetch-site");
  if (site == nullptr || *site == "same-origin" || *site == "none") return false;
  const auto* mode = ask.header("sec-fetch-mode");
  const auto* place = ask.header("sec-fetch-dest");
  const bool followed = ask.method == "GET" && mode != nullptr && *mode == "navigate" &&
                        (place == nullptr || *place == "document");
  return !followed;
}

/// Whether an Origin is there and is not the address we were asked at.
bool from_another_origin(const HttpAsk& ask) {
  const auto* origin = ask.header("origin");
  if (origin == nullptr) return false;
  std::string_view authority = *origin;
  const auto scheme = authority.find("://");
  if (scheme == std::string_view::npos) return true;  // "null" is one of these.
  authority.remove_prefix(scheme + 3);
  const auto* host = ask.header("host");
  return host == nullptr || !same_but_for_case(authority, *host);
}

}  // namespace

bool Client::may(Role role) const {
  return std::ranges::find(roles, role) != roles.end();
}

Access::Access(std::vector<ClientTerms> clients, std::vector<std::string> hosts)
    : hosts_(std::move(hosts)) {
  known_.reserve(clients.size());
  for (auto& terms : clients) {
    const auto account_digest = crypto::sha256(bytes_of(terms.account_id));
    known_.push_back({.client = {.account_id = std::move(terms.account_id),
                                 .roles = std::move(terms.roles),
                                 .templates = std::move(terms.templates),
                                 .max_rps = terms.max_rps},
                      .account_digest = account_digest,
                      .key_digest = crypto::sha256(terms.api_key.expose())});
  }
}

bool Access::knows_host(const HttpAsk& ask) const {
  return std::ranges::find(hosts_, without_brackets(ask.host)) != hosts_.end();
}

std::expected<const Client*, Access::Refusal> Access::identify(const HttpAsk& ask) const {
  const auto* key = ask.header("x-api-key");
  if (key == nullptr && !knows_host(ask)) return std::unexpected(Refusal::wrong_host);
  if (from_another_site(ask) || from_another_origin(ask)) {
    return std::unexpected(Refusal::cross_origin);
  }
  std::optional<Credentials> shown;
  if (key != nullptr) {
    const auto* account = ask.header("x-account-id");
    shown = Credentials{.account = account == nullptr ? "" : *account, .key = *key};
  } else if (const auto* authorization = ask.header("authorization")) {
    shown = basic_credentials(*authorization);
  } else {
    return nullptr;
  }
  const auto* client = shown ? find(shown->account, shown->key) : nullptr;
  if (client == nullptr) return std::unexpected(Refusal::bad_key);
  return client;
}

const Client* Access::find(std::string_view account, std::string_view key) const {
  // Digests have one length, and all are looked at: neither how long a key is
  // nor whose account it nearly was shows in the time this takes.
  const auto account_digest = crypto::sha256(bytes_of(account));
  const auto key_digest = crypto::sha256(bytes_of(key));
  const Client* found = nullptr;
  for (const auto& known : known_) {
    const bool same_account = equal_in_constant_time(known.account_digest, account_digest);
    const bool same_key = equal_in_constant_time(known.key_digest, key_digest);
    if (static_cast<int>(same_account) & static_cast<int>(same_key)) found = &known.client;
  }
  return found;
}

}  // namespace passgate::sync
