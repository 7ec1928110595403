// SPDX-License-Identifier: Apache-2.0
#include "sim/http/target.h"

namespace passgate::sim {
namespace {

std::optional<unsigned> hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      if (text.size() - i < 3) return fail(Errc::bad_value);
      const auto high = hex_digit(text[i + 1]);
      const auto low = hex_digit(text[i + 2]);
      if (!high || !low) return fail(Errc::bad_value);
      out.push_back(static_cast<char>(*high << 4 | *low));
      i += 2;
    }
  }
  return out;
}

/// The next piece of `rest` up to `separator`, which is consumed.
std::string_view cut(std::string_view& rest, char separator) noexcept {
  const auto end = rest.find(separator);
  const auto piece = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return piece;
}

Status parse_query(std::string_view raw, Target& target) {
  while (!raw.empty()) {
    std::string_view pair = cut(raw, '&');
    if (pair.empty()) continue;
    auto key = percent_decode(cut(pair, '='), true);
    auto value = percent_decode(pair, true);
    if (!key) return std::unexpected(key.error());
    if (!value) return std::unexpected(value.error());
    target.query.emplace_back(std::move(*key), std::move(*value));
  }
  return {};
}

}  // namespace

std::optional<std::string_view> Target::parameter(std::string_view name) const noexcept {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Result<Target> parse_target(std::string_view raw) {
  if (const auto scheme = raw.find("://");
      scheme != std::string_view::npos && !raw.starts_with('/')) {
    const auto path = raw.find('/', scheme + 3);
    raw = path == std::string_view::npos ? "/" : raw.substr(path);
  }
  if (!raw.starts_with('/')) return fail(Errc::bad_value);
  std::string_view path = cut(raw, '?');
  path.remove_prefix(1);
  Target target;
  while (!path.empty()) {
    auto segment = percent_decode(cut(path, '/'), false);
    if (!segment) return std::unexpected(segment.error());
    target.segments.push_back(std::move(*segment));
  }
  if (const auto read = parse_query(raw, target); !read) return std::unexpected(read.error());
  return target;
}

}  // namespace passgate::sim
