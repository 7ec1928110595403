// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/pass_reading.h"

#include <fmt/format.h>

#include <charconv>

#include "sync/http/retry_after.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr std::chrono::minutes kOverlap{5};

/// "~1" is "/", "~0" is "~".
std::string unescaped(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escaped = token[i] == '~' && i + 1 < token.size();
    if (escaped && (token[i + 1] == '0' || token[i + 1] == '1')) {
      out += token[++i] == '0' ? '~' : '/';
    } else {
      out += token[i];
    }
  }
  return out;
}

const Json* member(const Json& of, const std::string& token) {
  if (of.is_object()) {
    const auto it = of.find(token);
    return it == of.end() ? nullptr : &*it;
  }
  if (!of.is_array()) return nullptr;
  std::size_t index = 0;
  const auto* end = token.data() + token.size();
  const auto read = std::from_chars(token.data(), end, index);
  return read.ec == std::errc{} && read.ptr == end && index < of.size() ? &of[index] : nullptr;
}

/// False: it is there and is no time.
bool read_time(const Json& pass, std::string_view pointer, std::optional<WallTime>& to) {
  if (pointer.empty()) return true;
  const auto* value = value_at(pass, pointer);
  if (value == nullptr || value->is_null()) return true;
  const auto* text = value->get_ptr<const std::string*>();
  if (text == nullptr) return false;
  const auto time = from_rfc3339(*text);
  if (time) to = *time;
  return time.has_value();
}

}  // namespace

std::expected<ReadingRules, std::string> reading_rules(const runtime::ProviderConfig& config,
                                                       std::string_view valid_until) {
  ReadingRules rules;
  for (const auto& [word, state] : config.status_map) {
    const auto known = gate::pass_state_from(state);
    if (!known) return std::unexpected(fmt::format("status_map: '{}' is no state", state));
    rules.status_map.emplace(word, *known);
  }
  rules.valid_from = config.valid_from;
  rules.valid_until = config.valid_until.empty() ? std::string(valid_until) : config.valid_until;
  for (const auto& pointer : {rules.valid_from, rules.valid_until}) {
    if (!pointer.empty() && !pointer.starts_with('/')) {
      return std::unexpected(fmt::format("'{}' is no JSON pointer: it must begin with /", pointer));
    }
  }
  return rules;
}

bool judge(const ReadingRules& rules, std::string_view word, gate::PassState built_in,
           const Json& pass, MirrorRow& row) {
  const auto mapped = rules.status_map.find(word);
  row.state = mapped == rules.status_map.end() ? built_in : mapped->second;
  const bool readable = read_time(pass, rules.valid_from, row.valid_from) &&
                        read_time(pass, rules.valid_until, row.valid_until);
  if (!readable) row.state = gate::PassState::unknown;
  return readable;
}

const Json* value_at(const Json& from, std::string_view pointer) {
  const Json* at = &from;
  while (at != nullptr && !pointer.empty()) {
    if (pointer.front() != '/') return nullptr;
    pointer.remove_prefix(1);
    const auto token = pointer.substr(0, pointer.find('/'));
    at = member(*at, unescaped(token));
    pointer.remove_prefix(token.size());
  }
  return at;
}

const std::string* text_in(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(name);
  return it == object.end() ? nullptr : it->get_ptr<const std::string*>();
}

const std::string* id_in(const Json& object, const char* name) {
  const auto* id = text_in(object, name);
  return id != nullptr && !id->empty() && id->size() <= kLongestPassId ? id : nullptr;
}

std::optional<std::uint64_t> count_in(const Json& object, const char* name) {
  const auto it = object.find(name);
  if (it == object.end() || it->is_null()) return 0;
  if (!it->is_number_unsigned()) return std::nullopt;
  return it->get<std::uint64_t>();
}

std::string changes_since(const HttpAnswer& first, WallTime now) {
  const auto date = first.header("date");
  const auto told = date ? http_date(*date) : std::nullopt;
  return to_rfc3339(told.value_or(now) - kOverlap);
}

std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Failure bad_reply() {
  return {Remedy::give_up, Error(Errc::bad_reply), std::nullopt};
}

}  // namespace passgate::sync
