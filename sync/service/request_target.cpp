// SPDX-License-Identifier: Apache-2.0
#include "sync/service/request_target.h"

#include <algorithm>
#include <cctype>

#include "core/bytes.h"

namespace passgate::sync {

namespace {

constexpr std::size_t kMostSegments = 32;
constexpr std::size_t kMostParameters = 64;

/// @param space  What '+' stands for: itself in a path, a space in a query.
Result<std::string> decoded(std::string_view text, char space) {
  std::string plain;
  while (!text.empty()) {
    const char c = text.front();
    if (c != '%') {
      plain.push_back(c == '+' ? space : c);
      text.remove_prefix(1);
      continue;
    }
    const auto byte = from_hex(text.substr(1, 2));
    if (!byte || byte->size() != 1 || byte->front() == 0) return fail(Errc::bad_value);
    plain.push_back(static_cast<char>(byte->front()));
    text.remove_prefix(3);
  }
  return plain;
}

/// What stands before the first `mark`; `text` keeps what stands behind it.
std::string_view take_until(std::string_view& text, char mark) {
  const auto end = std::min(text.find(mark), text.size());
  const auto head = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return head;
}

bool take_scheme(std::string_view& text, std::string_view scheme) {
  const auto lower = [](unsigned char c) { return static_cast<char>(std::tolower(c)); };
  if (!std::ranges::equal(text.substr(0, scheme.size()), scheme, {}, lower)) return false;
  text.remove_prefix(scheme.size());
  return true;
}

Status read_path(std::string_view path, HttpAsk& ask) {
  if (path == "/") return {};
  while (!path.empty()) {
    path.remove_prefix(1);  // Every slash begins a segment.
    const auto end = std::min(path.find('/'), path.size());
    auto segment = decoded(path.substr(0, end), '+');
    if (!segment) return std::unexpected(segment.error());
    if (ask.path.size() == kMostSegments) return fail(Errc::bad_value);
    ask.path.push_back(std::move(*segment));
    path.remove_prefix(end);
  }
  return {};
}

Status read_query(std::string_view query, HttpAsk& ask) {
  while (!query.empty()) {
    auto value = take_until(query, '&');
    const auto key = decoded(take_until(value, '='), ' ');
    const auto plain = decoded(value, ' ');
    if (!key || !plain || ask.query.size() == kMostParameters) return fail(Errc::bad_value);
    ask.query.emplace_back(*key, *plain);
  }
  return {};
}

}  // namespace

std::string host_of(std::string_view authority) {
  if (authority.contains('@')) return {};
  if (authority.starts_with('[')) {
    authority.remove_prefix(1);
    authority = authority.substr(0, authority.find(']'));
  } else {
    authority = authority.substr(0, authority.find(':'));
  }
  std::string host(authority);
  std::ranges::transform(host, host.begin(), [](unsigned char c) { return std::tolower(c); });
  return host;
}

Status read_target(std::string_view raw, HttpAsk& ask) {
  const auto misplaced = [](unsigned char c) { return c <= ' ' || c == 0x7F || c == '#'; };
  if (std::ranges::any_of(raw, misplaced)) return fail(Errc::bad_value);
  std::string_view path = take_until(raw, '?');
  if (take_scheme(path, "http://") || take_scheme(path, "https://")) {
    const auto authority_end = std::min(path.find('/'), path.size());
    ask.host = host_of(path.substr(0, authority_end));
    if (ask.host.empty()) return fail(Errc::bad_value);
    path.remove_prefix(authority_end);
    if (path.empty()) path = "/";
  }
  if (!path.starts_with('/')) return fail(Errc::bad_value);
  if (auto read = read_path(path, ask); !read) return read;
  return read_query(raw, ask);
}

}  // namespace passgate::sync
