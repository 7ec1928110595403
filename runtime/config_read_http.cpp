// SPDX-License-Identifier: Apache-2.0
// [http]: where we listen, and who may ask for what.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/account_limit.h"
#include "runtime/config_reader.h"
#include "runtime/listen_rule.h"
#include "runtime/toml_text.h"

namespace passgate::runtime {

namespace {

constexpr std::array<std::string_view, 4> kRoles = {"decrypt", "display", "operator", "metrics"};

void read_listen(TableReader& table, HttpConfig& http) {
  const auto given = table.texts("listen", {});
  // Written as empty it is meant: systemd's sockets alone (passgate-http.socket).
  if (!table.has("listen")) {
    table.problem_of("listen", "names no address", "listen = [\"127.0.0.1:8470\"]");
  }
  const bool tls = table.has("tls_cert") || table.has("tls_key");
  for (const auto& text : given) {
    auto place = listen_place(text, table.where("listen"));
    if (!place) {
      table.problem("listen", fmt::format("listen: {} {}", toml_string(text), place.error()),
                    "\"IP:PORT\", \"[IPV6]:PORT\" or \"unix:PATH\"");
      continue;
    }
    if (!place->this_machine && !tls) {
      table.problem("listen",
                    fmt::format("listen: {} is beyond this machine, which needs tls_cert and "
                                "tls_key",
                                toml_string(text)));
    }
    if (std::ranges::find(http.listen, place->address) != http.listen.end()) {
      table.problem("listen", fmt::format("listen holds {} twice", toml_string(text)));
    }
    http.listen.push_back(std::move(place->address));
  }
}

std::vector<std::string> read_hosts(TableReader& table, const std::vector<std::string>& fallback) {
  std::vector<std::string> hosts;
  const auto given = table.texts("hosts", fallback);
  for (const auto& text : given) {
    if (auto host = host_name(text)) {
      hosts.push_back(std::move(*host));
    } else {
      table.problem("hosts", fmt::format("hosts: {} is no host name", toml_string(text)),
                    "as in an address bar, without http:// and port");
    }
  }
  if (given.empty()) {
    table.problem("hosts", "hosts names nobody: no browser could ask", "omit it for this machine");
  }
  return hosts;
}

/// Basic credentials end the account at the first colon, and a header takes
/// neither blanks at its ends nor control characters.
bool is_account(std::string_view text) {
  return text.size() <= kLongestAccount &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F && c != ':'; });
}

std::vector<std::string> read_roles(TableReader& table) {
  auto roles = table.texts("roles", {});
  const std::string hint = fmt::format("any of: {}", fmt::join(kRoles, ", "));
  if (roles.empty()) table.problem_of("roles", "names nothing the client may do", hint);
  for (auto at = roles.begin(); at != roles.end(); ++at) {
    if (std::ranges::find(kRoles, *at) == kRoles.end()) {
      table.problem_of("roles", fmt::format("may not hold {}", toml_string(*at)), hint);
    } else if (std::find(roles.begin(), at, *at) != at) {
      table.problem_of("roles", fmt::format("holds {} twice", toml_string(*at)));
    }
  }
  return roles;
}

/// What only a client that decrypts has.
void read_decrypting(TableReader& table, HttpClientConfig& client) {
  constexpr double kSlowest = 0.1;
  constexpr double kFastest = 100'000;
  const bool roles_known = !client.roles.empty();
  if (roles_known && std::ranges::find(client.roles, "decrypt") == client.roles.end()) {
    for (const auto* key : {"templates", "max_rps"}) {
      table.refuses(key, "is refused", "it goes with the role decrypt");
    }
    return;
  }
  client.templates = table.texts("templates", {});
  if (roles_known && client.templates.empty()) {
    table.problem_of("templates", "names none that the client may decrypt",
                     "the template or the name of a [[pass]]");
  }
  client.max_rps = *table.number("max_rps", kSlowest, kFastest, client.max_rps);
}

HttpClientConfig read_client(TableReader& table) {
  HttpClientConfig client;
  client.origin = table.where("account_id");
  client.account_id = table.required_text("account_id");
  if (!is_account(client.account_id)) {
    table.problem_of(
        "account_id",
        fmt::format("may hold {} visible ASCII characters at most, and no colon", kLongestAccount));
  }
  client.api_key = table.secret("api_key");
  if (!table.has("api_key")) {
    table.problem_of("api_key", "is missing", "api_key = \"credential:pos-key\"");
  }
  client.roles = read_roles(table);
  read_decrypting(table, client);
  table.finish();
  return client;
}

void read_clients(TableReader& table, HttpConfig& http) {
  table.tables("client", [&http](TableReader& item) {
    auto client = read_client(item);
    const auto taken =
        std::ranges::find(http.clients, client.account_id, &HttpClientConfig::account_id);
    if (!client.account_id.empty() && taken != http.clients.end()) {
      item.problem_of("account_id",
                      fmt::format("{} is already taken at {}:{}", toml_string(client.account_id),
                                  taken->origin.file.string(), taken->origin.line));
    }
    http.clients.push_back(std::move(client));
  });
}

}  // namespace

HttpConfig read_http(const Node& node, Reading& reading) {
  reading.shown.push_back({"[http]", {}});
  TableReader table(node, "", reading);
  HttpConfig http;
  http.origin = node.where;
  read_listen(table, http);
  http.hosts = read_hosts(table, http.hosts);
  if (table.has("tls_cert")) http.tls_cert = table.path("tls_cert", {});
  table.knows("tls_cert");
  http.tls_key = table.secret("tls_key");
  if (table.has("tls_cert") != table.has("tls_key")) {
    table.problem(table.has("tls_cert") ? "tls_cert" : "tls_key",
                  "tls_cert and tls_key only work together");
  }
  http.decrypt_errors = table.choice("decrypt_errors", {"flat", "nested"}, http.decrypt_errors);
  read_clients(table, http);
  table.finish();
  return http;
}

}  // namespace passgate::runtime
