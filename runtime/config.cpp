// SPDX-License-Identifier: Apache-2.0
#include "runtime/config.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <tuple>

#include "runtime/config_reader.h"

namespace passgate::runtime {
namespace {

/// The tables of an array of tables; anything else is a problem.
std::vector<const Node*> tables_of(const Node& root, std::string_view key, Reading& reading) {
  std::vector<const Node*> tables;
  const auto found = root.table()->find(key);
  if (found == root.table()->end()) return tables;
  const Node& node = found->second;
  if (!node.is_array_of_tables()) {
    reading.problems.push_back({node.where, fmt::format("{} must be an array of tables", key),
                                fmt::format("[[{}]]", key)});
    return tables;
  }
  for (const Node& item : *node.array()) tables.push_back(&item);
  return tables;
}

template <class Entry>
std::vector<Entry> read_each(const Node& root, std::string_view key, Reading& reading,
                             Entry (*read)(const Node&, Reading&)) {
  std::vector<Entry> entries;
  for (const Node* node : tables_of(root, key, reading)) entries.push_back(read(*node, reading));
  return entries;
}

/// A single table; one that is missing reads as one without keys.
template <class Entry>
Entry read_one(const Node& root, std::string_view key, Reading& reading,
               Entry (*read)(const Node&, Reading&)) {
  const Node none{Node::Table{}, {root.where.file, 0}};
  const auto found = root.table()->find(key);
  if (found == root.table()->end()) return read(none, reading);
  if (!found->second.table()) {
    reading.problems.push_back(
        {found->second.where, fmt::format("{} must be a table", key), fmt::format("[{}]", key)});
    return read(none, reading);
  }
  return read(found->second, reading);
}

/// A single table that may be missing.
template <class Entry>
std::optional<Entry> read_any(const Node& root, std::string_view key, Reading& reading,
                              Entry (*read)(const Node&, Reading&)) {
  const auto found = root.table()->find(key);
  if (found == root.table()->end()) return std::nullopt;
  if (found->second.table()) return read(found->second, reading);
  reading.problems.push_back(
      {found->second.where, fmt::format("{} must be a table", key), fmt::format("[{}]", key)});
  return std::nullopt;
}

struct Loaded {
  Config config;
  Reading reading;
};

Loaded read_all(const std::filesystem::path& file) {
  TomlTree tree = read_toml_tree(file);
  Loaded loaded;
  loaded.reading.problems = std::move(tree.problems);
  const bool whole = loaded.reading.problems.empty();
  loaded.config = read_config(tree.root, loaded.reading);
  // With a file missing, most of what does not fit together is only its echo.
  if (whole) check_config(loaded.config, loaded.reading.problems);
  // As a person walks through the files.
  std::ranges::sort(loaded.reading.problems, {}, [](const ConfigProblem& problem) {
    return std::tuple(problem.where.file, problem.where.line, problem.message);
  });
  return loaded;
}

}  // namespace

std::string SecretRef::text() const {
  return kind == Kind::file ? "file:" + path.string() : "credential:" + credential;
}

std::string ConfigProblem::text() const {
  std::string text = where.file.string();
  if (where.line > 0) text += fmt::format(":{}", where.line);
  text += ": " + message;
  if (!hint.empty()) text += fmt::format(" ({})", hint);
  return text;
}

const ReaderConfig* Config::reader_for(const std::string& pcsc_name) const {
  const auto found = std::ranges::find_if(readers, [&](const ReaderConfig& reader) {
    return ::fnmatch(reader.match.c_str(), pcsc_name.c_str(), 0) == 0;
  });
  return found == readers.end() ? nullptr : &*found;
}

const PassConfig* Config::pass(std::string_view name) const {
  const auto found = std::ranges::find(passes, name, &PassConfig::name);
  return found == passes.end() ? nullptr : &*found;
}

const ZoneConfig* Config::zone(std::string_view name) const {
  const auto found = std::ranges::find(zones, name, &ZoneConfig::name);
  return found == zones.end() ? nullptr : &*found;
}

const ProviderConfig* Config::provider(std::string_view name) const {
  const auto found = std::ranges::find(providers, name, &ProviderConfig::name);
  return found == providers.end() ? nullptr : &*found;
}

const DecryptServiceConfig* Config::decrypt_service(std::string_view name) const {
  const auto found = std::ranges::find(decrypt_services, name, &DecryptServiceConfig::name);
  return found == decrypt_services.end() ? nullptr : &*found;
}

Config read_config(const Node& root, Reading& reading) {
  Config config;
  config.terminal = read_one(root, "terminal", reading, read_terminal);
  config.readers = read_each(root, "reader", reading, read_reader);
  config.passes = read_each(root, "pass", reading, read_pass);
  config.zones = read_each(root, "zone", reading, read_zone);
  config.overrides = read_any(root, "override", reading, read_override).value_or(OverrideConfig{});
  config.keyboard = read_one(root, "keyboard", reading, read_keyboard);
  config.providers = read_each(root, "provider", reading, read_provider);
  config.subscribers = read_each(root, "subscriber", reading, read_subscriber);
  config.decrypt_services = read_each(root, "decrypt_service", reading, read_decrypt_service);
  config.http = read_any(root, "http", reading, read_http);

  TableReader top(root, "", reading);
  for (const auto* key : {"terminal", "reader", "pass", "zone", "override", "keyboard", "provider",
                          "subscriber", "decrypt_service", "http"}) {
    top.knows(key);
  }
  top.lacks("fleet", "a fleet of terminals");
  top.finish();
  return config;
}

std::expected<Config, std::vector<ConfigProblem>> load_config(const std::filesystem::path& file) {
  Loaded loaded = read_all(file);
  if (loaded.reading.problems.empty()) return std::move(loaded.config);
  return std::unexpected(std::move(loaded.reading.problems));
}

std::string show_config(const std::filesystem::path& file, bool with_origin) {
  const Loaded loaded = read_all(file);
  std::string text;
  for (const auto& problem : loaded.reading.problems) text += "# problem: " + problem.text() + '\n';
  for (const auto& table : loaded.reading.shown) {
    text += fmt::format("{}{}\n", text.empty() ? "" : "\n", table.header);
    for (const auto& line : table.lines) {
      text += fmt::format("{} = {}", line.key, line.value);
      if (with_origin) {
        text += line.where ? fmt::format("  # {}:{}", line.where->file.string(), line.where->line)
                           : "  # default";
      }
      text += '\n';
    }
  }
  return text;
}

}  // namespace passgate::runtime
