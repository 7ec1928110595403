// SPDX-License-Identifier: Apache-2.0
#include "runtime/url_rule.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace passgate::runtime {
namespace {

struct Authority {
  std::string host;  ///< Lower case, without brackets.
  bool ipv6 = false;
};

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port > 0 && port <= 65535;
}

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_';
}

std::optional<Authority> split(std::string_view text) {
  Authority authority;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    authority.ipv6 = true;
    authority.host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
    in6_addr address{};
    if (::inet_pton(AF_INET6, authority.host.c_str(), &address) != 1) return std::nullopt;
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    authority.host = text.substr(0, colon);
    rest = text.substr(colon);
    if (authority.host.empty() || !std::ranges::all_of(authority.host, is_name_character)) {
      return std::nullopt;
    }
  }
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
  std::ranges::transform(authority.host, authority.host.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return authority;
}

bool is_loopback(const Authority& authority) {
  if (authority.host == "localhost") return true;
  if (authority.ipv6) {
    in6_addr address{};
    return ::inet_pton(AF_INET6, authority.host.c_str(), &address) == 1 &&
           IN6_IS_ADDR_LOOPBACK(&address);
  }
  in_addr address{};
  return ::inet_pton(AF_INET, authority.host.c_str(), &address) == 1 &&
         (ntohl(address.s_addr) >> 24) == 127;
}

}  // namespace

std::optional<std::string> url_problem(std::string_view url) {
  const bool odd = std::ranges::any_of(url, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte >= 0x7F || c == '\\' || c == '"' || c == '<' || c == '>';
  });
  if (odd) return "holds characters that no address may hold";
  const bool https = url.starts_with("https://");
  if (!https && !url.starts_with("http://")) return "must begin with https://";
  url.remove_prefix(https ? 8 : 7);
  const std::string_view text = url.substr(0, std::min(url.find_first_of("/?#"), url.size()));
  if (text.find('@') != std::string_view::npos) return "may not hold a user name or password";
  const auto authority = split(text);
  if (!authority) return "names no valid host";
  if (!https && !is_loopback(*authority)) return "must be https: http is for this machine only";
  return std::nullopt;
}

}  // namespace passgate::runtime
