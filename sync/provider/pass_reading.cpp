// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/pass_reading.h"

#include <fmt/format.h>

#include "sync/http/retry_after.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr std::chrono::minutes kOverlap{5};

}  // namespace

std::expected<ReadingRules, std::string> reading_rules(const runtime::ProviderConfig& config) {
  auto states = status_map_of(config.status_map);
  if (!states) return std::unexpected(states.error());
  ReadingRules rules{.status_map = std::move(*states), .valid_from = {}, .valid_until = {}};
  for (const auto& [text, pointer] : {std::pair{&config.valid_from, &rules.valid_from},
                                      std::pair{&config.valid_until, &rules.valid_until}}) {
    if (text->empty()) continue;
    *pointer = JsonPointer::parse(*text);
    if (*pointer) continue;
    return std::unexpected(fmt::format("'{}' is no JSON pointer: it must begin with /", *text));
  }
  return rules;
}

bool read_time(const std::optional<JsonPointer>& where, const Json& pass,
               std::optional<WallTime>& to) {
  const auto* value = where ? where->in(pass) : nullptr;
  if (value == nullptr || value->is_null() || is_empty_text(*value)) return true;
  const auto* text = value->get_ptr<const std::string*>();
  const auto time = text == nullptr ? fail(Errc::bad_value) : from_rfc3339(*text);
  if (time) to = *time;
  return time.has_value();
}

bool judge(const ReadingRules& rules, std::string_view word, gate::PassState built_in,
           const Json& pass, MirrorRow& row) {
  const auto mapped = rules.status_map.find(word);
  row.state = mapped == rules.status_map.end() ? built_in : mapped->second;
  const bool readable = read_time(rules.valid_from, pass, row.valid_from) &&
                        read_time(rules.valid_until, pass, row.valid_until);
  if (!readable) row.state = gate::PassState::unknown;
  return readable;
}

const Json* value_at(const Json& from, std::string_view pointer) {
  const auto steps = JsonPointer::parse(pointer);
  return steps ? steps->in(from) : nullptr;
}

const std::string* id_in(const Json& object, const char* name) {
  const auto* id = text_in(object, name);
  return id != nullptr && !id->empty() && id->size() <= kLongestId ? id : nullptr;
}

std::optional<std::uint64_t> uses_in(const Json& object, const char* name) {
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

Failure bad_reply() {
  return {Remedy::give_up, Error(Errc::bad_reply), std::nullopt};
}

}  // namespace passgate::sync
