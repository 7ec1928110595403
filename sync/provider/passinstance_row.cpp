// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passinstance_row.h"

#include "sync/provider/pass_reading.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

std::string name_at(const JsonPointer& where, const Json& pass) {
  const auto* value = where.in(pass);
  const auto text = value == nullptr ? std::nullopt : word_of(*value);
  return !text || value->is_boolean() || text->size() > kLongestId ? std::string() : *text;
}

std::optional<gate::PassState> state_of(const Json& pass, const Passinstance::Settings& settings) {
  if (!settings.members.status) return gate::PassState::valid;
  const auto* value = settings.members.status->in(pass);
  const auto word = value == nullptr ? std::nullopt : word_of(*value);
  const auto mapped = word ? settings.status_map.find(*word) : settings.status_map.end();
  if (mapped == settings.status_map.end()) return std::nullopt;
  return mapped->second;
}

}  // namespace

std::optional<PassinstanceRow> passinstance_row(const Json& pass, const ProviderTemplate& of,
                                                const Passinstance::Settings& settings) {
  PassinstanceRow row;
  row.id = name_at(settings.members.id, pass);
  row.serial = name_at(settings.members.serial, pass);
  const auto& join = of.join == "serial" ? row.serial : row.id;
  if (join.empty()) return std::nullopt;
  row.mirror.join_value = join;
  if (row.id != join) row.mirror.provider_id = row.id;
  const auto state = state_of(pass, settings);
  const bool from_read = read_time(settings.members.valid_from, pass, row.mirror.valid_from);
  const bool until_read = read_time(settings.members.valid_until, pass, row.mirror.valid_until);
  // Without its end a pass would be valid for ever: better to say that we do not know.
  row.mapped = state.has_value() && from_read && until_read;
  row.mirror.state = row.mapped ? *state : gate::PassState::unknown;
  return row;
}

}  // namespace passgate::sync
