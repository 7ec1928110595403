// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "runtime/config_reader.h"
#include "runtime/toml_text.h"

namespace passgate::runtime {
namespace {

/// A name travels in events, addresses and on the command line.
bool is_name(std::string_view name) {
  return name.size() <= 64 && std::ranges::none_of(name, [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7F || c == '/';
         });
}

template <class Entries>
void check_names(const Entries& entries, std::string_view table,
                 std::vector<ConfigProblem>& problems) {
  std::map<std::string, Origin> seen;
  for (const auto& entry : entries) {
    if (entry.name.empty()) continue;  // A reader's may be; others were reported as missing.
    if (!is_name(entry.name)) {
      problems.push_back({entry.origin,
                          fmt::format("{} name {} must be at most 64 bytes without / and control "
                                      "characters",
                                      table, toml_string(entry.name)),
                          ""});
    }
    const auto [first, is_new] = seen.emplace(entry.name, entry.origin);
    if (is_new) continue;
    problems.push_back(
        {entry.origin,
         fmt::format("{} name {} is already taken at {}:{}", table, toml_string(entry.name),
                     first->second.file.string(), first->second.line),
         "names are unique within a table"});
  }
}

void check_readers(const Config& config, std::vector<ConfigProblem>& problems) {
  for (const auto& reader : config.readers) {
    for (const auto& name : reader.passes) {
      if (config.pass(name)) continue;
      problems.push_back({reader.origin,
                          fmt::format("passes: there is no [[pass]] named {}", toml_string(name)),
                          ""});
    }
  }
}

/// A pass may be for zones of other terminals. Who has told of zones has told of all.
void check_zones(const Config& config, std::vector<ConfigProblem>& problems) {
  if (config.zones.empty()) return;
  const auto is_there = [&](const std::string& zone) {
    return config.zone(zone) ||
           std::ranges::find(config.readers, zone, &ReaderConfig::zone) != config.readers.end();
  };
  for (const auto& pass : config.passes) {
    for (const auto& zone : pass.zones) {
      if (is_there(zone)) continue;
      problems.push_back(
          {pass.origin,
           fmt::format("zones: there is no [[zone]] named {}, and no [[reader]] in it",
                       toml_string(zone)),
           "one of another terminal: [[zone]] with nothing but its name"});
    }
  }
}

/// Names of the passes that some reader may judge; a gate must know the pass_id.
std::set<std::string> passes_at_gates(const Config& config) {
  std::set<std::string> names;
  for (const auto& reader : config.readers) {
    if (reader.mode != ReaderMode::gate) continue;
    names.insert(reader.passes.begin(), reader.passes.end());
    if (!reader.passes.empty()) continue;
    for (const auto& pass : config.passes) names.insert(pass.name);
  }
  return names;
}

void check_passes(const Config& config, const std::set<std::string>& at_gates,
                  std::vector<ConfigProblem>& problems) {
  for (const auto& pass : config.passes) {
    if (!pass.provider.empty() && !config.provider(pass.provider)) {
      problems.push_back(
          {pass.origin,
           fmt::format("provider: there is no [[provider]] named {}", toml_string(pass.provider)),
           ""});
    }
    if (!pass.pattern && at_gates.contains(pass.name)) {
      problems.push_back({pass.origin,
                          fmt::format("[[pass]] {} needs a pattern: a reader in gate mode asks for "
                                      "it",
                                      toml_string(pass.name)),
                          "pattern = '^(?P<pass_id>.+)$'"});
    }
  }
}

void check_decryption(const Config& config, std::vector<ConfigProblem>& problems) {
  for (const auto& pass : config.passes) {
    if (!pass.apple || pass.apple->remote.empty()) continue;
    if (config.decrypt_service(pass.apple->remote)) continue;
    problems.push_back({pass.origin,
                        fmt::format("apple.keys: there is no [[decrypt_service]] named {}",
                                    toml_string(pass.apple->remote)),
                        ""});
  }
  if (!config.http) return;
  for (const auto& client : config.http->clients) {
    for (const auto& wanted : client.templates) {
      const bool known = config.pass(wanted) ||
                         std::ranges::find(config.passes, wanted, &PassConfig::pass_template) !=
                             config.passes.end();
      if (known) continue;
      problems.push_back({client.origin,
                          fmt::format("client.templates: no [[pass]] has the template or name {}",
                                      toml_string(wanted)),
                          ""});
    }
  }
}

/// A version is registered with Google once, so it can not stand for two keys.
void check_collectors(const Config& config, std::vector<ConfigProblem>& problems) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, const SecretRef*> known;
  for (const auto& pass : config.passes) {
    if (!pass.google) continue;
    for (const auto& key : pass.google->keys) {
      const auto [first, is_new] =
          known.emplace(std::pair(pass.google->collector_id, key.version), &key.key);
      if (is_new || first->second->text() == key.key.text()) continue;
      const Origin& other = first->second->origin;
      problems.push_back(
          {key.key.origin,
           fmt::format("collector {} has another key of version {} at {}:{}",
                       pass.google->collector_id, key.version, other.file.string(), other.line),
           "passes of one collector share its keys"});
    }
  }
}

/// What one reader asks of a phone is bounded: a hand is not held out for long.
void check_google_requests(const Config& config, std::vector<ConfigProblem>& problems) {
  constexpr std::size_t kMost = 16;  // attempts of apdu::SmartTapSession
  for (const auto& reader : config.readers) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> keys;
    for (const auto& pass : config.passes) {
      const bool asked = reader.passes.empty() ||
                         std::ranges::find(reader.passes, pass.name) != reader.passes.end();
      if (!asked || !pass.google) continue;
      for (const auto& key : pass.google->keys) {
        keys.emplace(pass.google->collector_id, key.version);
      }
    }
    if (keys.size() <= kMost) continue;
    problems.push_back(
        {reader.origin,
         fmt::format("this reader would ask with {} Google keys, {} at most", keys.size(), kMost),
         "name its passes, or retire old key versions"});
  }
}

}  // namespace

void check_config(const Config& config, std::vector<ConfigProblem>& problems) {
  check_names(config.readers, "[[reader]]", problems);
  check_names(config.passes, "[[pass]]", problems);
  check_names(config.zones, "[[zone]]", problems);
  check_names(config.providers, "[[provider]]", problems);
  check_names(config.subscribers, "[[subscriber]]", problems);
  check_names(config.decrypt_services, "[[decrypt_service]]", problems);
  check_readers(config, problems);
  check_zones(config, problems);
  const auto at_gates = passes_at_gates(config);
  check_passes(config, at_gates, problems);
  check_providers(config, at_gates, problems);
  check_decryption(config, problems);
  check_collectors(config, problems);
  check_google_requests(config, problems);
}

}  // namespace passgate::runtime
