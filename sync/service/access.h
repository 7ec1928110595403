// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/secret.h"
#include "sync/service/http_message.h"

namespace passgate::sync {

enum class Role : std::uint8_t { decrypt, display, operate, metrics };

/// One [[http.client]], its key resolved.
struct ClientTerms {
  std::string account_id;
  SecretBytes api_key;
  std::vector<Role> roles;
  std::vector<std::string> templates;  ///< For decrypt: by every name, id and [[pass]].
  double max_rps = 100;                ///< For decrypt.
};

/// Who somebody is, as far as access goes.
struct Client {
  std::string account_id;
  std::vector<Role> roles;
  std::vector<std::string> templates;
  double max_rps = 100;

  bool may(Role role) const;
};

/// Who asks, and whether the question may be heard at all. Keys come as
/// X-API-KEY with X-ACCOUNT-ID (PassNinja's headers), or as HTTP Basic
/// credentials (account, key), which a browser asks a person for. Compared in
/// constant time. Immutable: any thread.
class Access {
 public:
  enum class Refusal : std::uint8_t {
    bad_key,      ///< A key was shown and it is none of ours: 401.
    wrong_host,   ///< No key header, and a Host that is not in `hosts`: 421. Another
                  ///< name that points at us is how a page in the same browser reads
                  ///< what is not its own (DNS rebinding).
    cross_origin  ///< Origin or Sec-Fetch-Site say that another site's page asks: 403.
  };

  Access(std::vector<ClientTerms> clients, std::vector<std::string> hosts);

  /// Whether `ask` names a host of ours.
  bool knows_host(const HttpAsk& ask) const;

  /// The client that asks; null: nobody showed a key. A request with X-API-KEY
  /// is not held to `hosts` here: no page of another origin can send that header
  /// unasked, and those who have payloads opened come through proxies under the
  /// provider's name. Routes that nobody comes to in such a way ask knows_host.
  std::expected<const Client*, Refusal> identify(const HttpAsk& ask) const;

 private:
  struct Known {
    Client client;
    std::array<std::uint8_t, 32> account_digest;
    std::array<std::uint8_t, 32> key_digest;
  };
  const Client* find(std::string_view account, std::string_view key) const;

  std::vector<Known> known_;
  std::vector<std::string> hosts_;
};

}  // namespace passgate::sync
