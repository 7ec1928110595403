// SPDX-License-Identifier: Apache-2.0
#include "daemon/terminal_status.h"

#include "daemon/reader_choice.h"

namespace passgate::daemon {

using nlohmann::json;

json TerminalStatus::status() const {
  json readers = json::array();
  for (const ReaderStatus& reader : parts_.readers.readers()) {
    readers.push_back({{"reader", reader_name(parts_.config, reader.pcsc_name)},
                       {"name", reader.pcsc_name},
                       {"state", name(reader.activity)},
                       {"visits", reader.visits}});
  }
  json passes = json::array();
  for (const PassTerms& terms : parts_.passes) passes.push_back(pass_entry(terms));
  const auto up = parts_.clock.monotonic() - started_;
  json status = {{"type", "status"},
                 {"version", PASSGATE_VERSION},
                 {"terminal", parts_.config.terminal.id},
                 {"time", to_rfc3339_ms(parts_.clock.now())},
                 {"clock", name(parts_.clock.state())},
                 {"uptime_s", std::chrono::duration_cast<std::chrono::seconds>(up).count()},
                 {"journal",
                  {{"healthy", parts_.journal.healthy()},
                   {"last_position", parts_.journal.last_position().value_or(0)},
                   {"acknowledged", parts_.journal.acknowledged().value_or(0)}}},
                 {"pcsc", parts_.readers.pcsc_available()},
                 {"readers", std::move(readers)},
                 {"passes", std::move(passes)},
                 {"zones", zones()},
                 {"taps", parts_.statistics.to_json()}};
  if (const auto error = parts_.clock.error_bound()) status["clock_error_ms"] = error->count();
  return status;
}

/// People, as the readers of this terminal counted them.
json TerminalStatus::zones() const {
  json zones = json::array();
  for (const terms::CountedZone& zone : parts_.zones) {
    const auto emptied_at = zone.emptied_at(parts_.clock.now(), parts_.clock.state());
    json entry = {{"zone", zone.name},
                  {"inside", parts_.journal.inside(zone.name, emptied_at).value_or(0)}};
    if (zone.capacity) entry["capacity"] = *zone.capacity;
    zones.push_back(std::move(entry));
  }
  return zones;
}

/// Which keys, never what they are: an id is part of every cryptogram.
json TerminalStatus::keys_of(const PassTerms& terms) {
  json keys = json::array();
  if (terms.apple_keys) {
    for (const crypto::KeyId& id : terms.apple_keys->key_ids()) {
      keys.push_back({{"wallet", "apple"}, {"key_id", to_hex(id.value())}});
    }
  }
  if (!terms.google) return keys;
  for (const std::uint32_t version : terms.google->keys.versions()) {
    keys.push_back({{"wallet", "google"},
                    {"version", version},
                    {"key_id", to_hex(terms.google->keys.key_id(version).value())}});
  }
  return keys;
}

json TerminalStatus::pass_entry(const PassTerms& terms) const {
  json entry = {{"name", terms.name}, {"template", terms.pass_template}, {"keys", keys_of(terms)}};
  if (terms.provider.empty()) return entry;
  const auto belief = parts_.mirror.look_up(terms.provider, terms.pass_template, "");
  entry["provider"] = terms.provider;
  entry["max_cache_age_s"] = terms.policy.max_cache_age.count();
  entry["stale"] = gate::is_stale(terms.policy, belief, parts_.clock.now());
  if (belief.swept_at) entry["swept_at"] = to_rfc3339(*belief.swept_at);
  return entry;
}

json TerminalStatus::state() const {
  json readers = json::array();
  for (const ReaderStatus& reader : parts_.readers.readers()) {
    readers.push_back({{"reader", reader_name(parts_.config, reader.pcsc_name)},
                       {"pcsc", reader.pcsc_name},
                       {"state", name(reader.activity)}});
  }
  return {{"readers", std::move(readers)},
          {"pcsc", parts_.readers.pcsc_available()},
          {"journal", parts_.journal.healthy() ? "healthy" : "out_of_order"},
          {"clock", name(parts_.clock.state())}};
}

}  // namespace passgate::daemon
