// SPDX-License-Identifier: Apache-2.0
#include "sync/webhook/push_fields.h"

#include <fmt/format.h>

#include "core/bytes.h"
#include "core/ids.h"
#include "crypto/digest.h"
#include "runtime/json_text.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostFields = 256;

std::string tap_id_of(const Json& value) {
  const auto* text = value.get_ptr<const std::string*>();
  if (text == nullptr) return {};
  const auto id = TapId::parse(*text);
  if (!id) return {};
  const bool version_7 = (id->bytes()[6] & 0xF0) == 0x70 && (id->bytes()[8] & 0xC0) == 0x80;
  return version_7 ? id->text() : std::string{};
}

}  // namespace

Result<Json> push_object(std::string_view body) {
  if (body.size() > kLargestPush) return fail(Errc::too_large);
  auto json = runtime::parse_json(body);
  if (!json.is_object()) return fail(Errc::bad_value);
  return json;
}

const Json& member(const Json& from, const char* key) {
  static const Json none;
  if (!from.is_object()) return none;
  const auto found = from.find(key);
  return found == from.end() ? none : *found;
}

Result<std::string> name_in(const Json& from, const char* key) {
  const Json& found = member(from, key);
  if (found.is_null()) return std::string{};
  const auto* text = found.get_ptr<const std::string*>();
  if (text == nullptr || text->size() > kLongestName) return fail(Errc::bad_value);
  return *text;
}

Result<std::string> needed_name_in(const Json& from, const char* key) {
  auto text = name_in(from, key);
  if (text && text->empty()) return fail(Errc::bad_value);
  return text;
}

Status check_age(std::string_view time, const AgeWindow& window, WallTime now) {
  const auto at = from_rfc3339(time);
  if (!at) return std::unexpected(at.error());
  if (*at < now - window.oldest || *at > now + window.ahead) return fail(Errc::too_old);
  return {};
}

std::string dedup_key_of(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const auto part : parts) all += fmt::format("{}:{}", part.size(), part);
  return to_hex(crypto::sha256(bytes_of(all)));
}

std::string tap_id_in(const Json& fields) {
  if (!fields.is_object()) return {};
  std::size_t seen = 0;
  for (const auto& value : fields) {
    if (++seen > kMostFields) break;
    auto id = tap_id_of(value.is_object() ? member(value, "value") : value);
    if (!id.empty()) return id;
  }
  return {};
}

}  // namespace passgate::sync
