// SPDX-License-Identifier: Apache-2.0
#include "runtime/table_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "runtime/toml_text.h"

namespace passgate::runtime {

namespace {

std::span<const Node> items_of(const Node& node) {
  return node.array() ? std::span<const Node>(*node.array()) : std::span<const Node>();
}

/// The known key a person most likely meant, or nothing when none is near.
std::string nearest(std::string_view key, const std::set<std::string, std::less<>>& known) {
  constexpr std::size_t kLongestKey = 64;
  if (key.size() > kLongestKey) return "";
  std::size_t best = std::max<std::size_t>(2, key.size() / 3) + 1;
  std::string found;
  for (const auto& candidate : known) {
    const std::size_t distance = edit_distance(key, candidate);
    if (distance < best && distance < candidate.size()) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

/// Lines below `prefix` as one value.
std::string inline_table(const std::vector<ShownLine>& lines, std::string_view prefix) {
  std::vector<std::string> entries;
  entries.reserve(lines.size());
  for (const auto& line : lines) {
    entries.push_back(fmt::format("{} = {}", line.key.substr(prefix.size()), line.value));
  }
  return fmt::format("{{ {} }}", fmt::join(entries, ", "));
}

}  // namespace

std::filesystem::path resolve_path(const std::filesystem::path& path, const Origin& named_in) {
  return (named_in.file.parent_path() / path).lexically_normal();
}

std::string lacking_hint(std::string_view feature) {
  return fmt::format("this version of passgate does not have {}", feature);
}

TableReader::TableReader(const Node& node, std::string prefix, Reading& reading)
    : node_(&node), prefix_(std::move(prefix)), reading_(&reading) {}

const Node* TableReader::find(std::string_view key) const {
  const auto* table = node_->table();
  if (!table) return nullptr;
  const auto found = table->find(key);
  return found == table->end() ? nullptr : &found->second;
}

const Node* TableReader::take(std::string_view key) {
  known_.emplace(key);
  return find(key);
}

Origin TableReader::where(std::string_view key) const {
  const Node* node = find(key);
  return node ? node->where : node_->where;
}

void TableReader::show(std::string_view key, std::string value, std::optional<Origin> where) {
  reading_->shown.back().lines.push_back(
      {prefix_ + toml_key(key), std::move(value), std::move(where)});
}

void TableReader::show(std::string_view key, std::string value) {
  const Node* node = find(key);
  show(key, std::move(value), node ? std::optional(node->where) : std::nullopt);
}

void TableReader::problem(std::string_view key, std::string message, std::string hint) {
  reading_->problems.push_back({where(key), std::move(message), std::move(hint)});
}

void TableReader::wrong_type(std::string_view key, const Node& node, std::string_view wanted) {
  problem(key, fmt::format("{}{} must be {}, this is {}", prefix_, key, wanted, node.type_name()));
}

void TableReader::problem_of(std::string_view key, std::string_view what, std::string hint) {
  problem(key, fmt::format("{}{} {}", prefix_, key, what), std::move(hint));
}

void TableReader::refuses(std::string_view key, std::string_view what, std::string hint) {
  refused_.emplace(key);
  if (has(key)) problem_of(key, what, std::move(hint));
}

void TableReader::lacks(std::string_view key, std::string_view feature) {
  refuses(key, "is refused", lacking_hint(feature));
}

std::string TableReader::text(std::string_view key, std::string_view fallback) {
  const auto given = optional_text(key);
  if (!given) show(key, toml_string(fallback), std::nullopt);
  return given.value_or(std::string(fallback));
}

std::optional<std::string> TableReader::optional_text(std::string_view key) {
  const Node* node = take(key);
  if (!node) return std::nullopt;
  const auto* text = std::get_if<std::string>(&node->value);
  if (!text) {
    wrong_type(key, *node, "a string");
    return std::nullopt;
  }
  show(key, toml_string(*text), node->where);
  return *text;
}

std::string TableReader::required_text(std::string_view key) {
  const bool given = has(key);
  const auto text = optional_text(key);
  if (!given) problem(key, fmt::format("{}{} is missing", prefix_, key));
  if (text && text->empty()) problem(key, fmt::format("{}{} is empty", prefix_, key));
  return text.value_or("");
}

std::string TableReader::choice(std::string_view key,
                                std::initializer_list<std::string_view> values,
                                std::string_view fallback) {
  std::string value = text(key, fallback);
  if (std::ranges::find(values, value) != values.end()) return value;
  problem(key, fmt::format("{}{} may not be {}", prefix_, key, toml_string(value)),
          fmt::format("one of: {}", fmt::join(values, ", ")));
  return std::string(fallback);
}

std::int64_t TableReader::integer(std::string_view key, std::int64_t low, std::int64_t high,
                                  std::int64_t fallback) {
  const Node* node = take(key);
  const auto* given = node ? std::get_if<std::int64_t>(&node->value) : nullptr;
  if (node && !given) wrong_type(key, *node, "an integer");
  const std::int64_t value = given ? *given : fallback;
  show(key, fmt::to_string(value), given ? std::optional(node->where) : std::nullopt);
  if (value >= low && value <= high) return value;
  problem(key, fmt::format("{}{} must lie between {} and {}", prefix_, key, low, high));
  return fallback;
}

std::int64_t TableReader::required_integer(std::string_view key, std::int64_t low,
                                           std::int64_t high) {
  if (has(key)) return integer(key, low, high, low);
  knows(key);
  problem(key, fmt::format("{}{} is missing", prefix_, key));
  return low;
}

std::optional<double> TableReader::number(std::string_view key, double low, double high,
                                          std::optional<double> fallback) {
  const Node* node = take(key);
  std::optional<double> value;
  if (node) {
    if (const auto* whole = std::get_if<std::int64_t>(&node->value)) {
      value = static_cast<double>(*whole);
    } else if (const auto* decimal = std::get_if<double>(&node->value)) {
      value = *decimal;
    } else {
      wrong_type(key, *node, "a number");
    }
  }
  // The negated form also refuses a NaN.
  if (value && !(*value >= low && *value <= high)) {
    problem(key, fmt::format("{}{} must lie between {} and {}", prefix_, key, low, high));
    value.reset();
  }
  const bool given = value.has_value();
  if (!given) value = fallback;
  if (value) show(key, fmt::to_string(*value), given ? std::optional(where(key)) : std::nullopt);
  return value;
}

bool TableReader::flag(std::string_view key, bool fallback) {
  const Node* node = take(key);
  const auto* given = node ? std::get_if<bool>(&node->value) : nullptr;
  if (node && !given) wrong_type(key, *node, "true or false");
  const bool value = given ? *given : fallback;
  show(key, value ? "true" : "false", given ? std::optional(node->where) : std::nullopt);
  return value;
}

std::vector<std::string> TableReader::texts(std::string_view key,
                                            const std::vector<std::string>& fallback) {
  const Node* node = take(key);
  if (!node) {
    show(key, toml_array(fallback), std::nullopt);
    return fallback;
  }
  std::vector<std::string> values;
  if (!node->array()) wrong_type(key, *node, "an array of strings");
  for (const Node& item : items_of(*node)) {
    if (const auto* text = std::get_if<std::string>(&item.value)) {
      values.push_back(*text);
    } else {
      reading_->problems.push_back(
          {item.where,
           fmt::format("{}{} must hold strings only, here is {}", prefix_, key, item.type_name()),
           ""});
    }
  }
  show(key, toml_array(values), node->where);
  return values;
}

std::map<std::string, std::string> TableReader::text_map(std::string_view key) {
  std::map<std::string, std::string> values;
  const Node* node = take(key);
  if (!node) return values;
  if (!node->table()) {
    wrong_type(key, *node, "a table of strings");
    return values;
  }
  for (const auto& [name, item] : *node->table()) {
    if (const auto* text = std::get_if<std::string>(&item.value)) {
      values.emplace(name, *text);
      reading_->shown.back().lines.push_back(
          {fmt::format("{}{}.{}", prefix_, toml_key(key), toml_key(name)), toml_string(*text),
           item.where});
    } else {
      reading_->problems.push_back({item.where,
                                    fmt::format("{}{}.{} must be a string, this is {}", prefix_,
                                                key, toml_key(name), item.type_name()),
                                    ""});
    }
  }
  return values;
}

std::filesystem::path TableReader::path(std::string_view key,
                                        const std::filesystem::path& fallback) {
  const Node* node = take(key);
  const auto* given = node ? std::get_if<std::string>(&node->value) : nullptr;
  if (node && !given) wrong_type(key, *node, "a string");
  if (given && given->empty()) problem(key, fmt::format("{}{} is empty", prefix_, key));
  const auto value = given ? resolve_path(*given, node->where) : fallback;
  show(key, toml_string(value.string()), given ? std::optional(node->where) : std::nullopt);
  return value;
}

std::optional<SecretRef> TableReader::secret_from(std::string_view key, const Node& node,
                                                  std::string_view why_not_remote) {
  const auto refuse = [&](std::string message, std::string hint) {
    reading_->problems.push_back({node.where, std::move(message), std::move(hint)});
    return std::nullopt;
  };
  const std::string hint = "write file:PATH or credential:NAME";
  const auto* text = std::get_if<std::string>(&node.value);
  if (!text) return refuse(fmt::format("{}{} must name a secret", prefix_, key), hint);
  const std::string_view view = *text;
  SecretRef ref;
  ref.origin = node.where;
  if (view.starts_with("file:") && view.size() > 5) {
    ref.path = resolve_path(view.substr(5), node.where);
    return ref;
  }
  if (view.starts_with("credential:") && view.size() > 11) {
    ref.kind = SecretRef::Kind::credential;
    ref.credential = view.substr(11);
    if (ref.credential.find('/') == std::string::npos && !ref.credential.starts_with('.')) {
      return ref;
    }
    return refuse(fmt::format("{}{} is no credential name", prefix_, key), "a name, not a path");
  }
  if (view.starts_with("remote:")) {
    return refuse(
        fmt::format("{}{} is refused", prefix_, key),
        why_not_remote.empty() ? "remote: is for the keys of apple" : std::string(why_not_remote));
  }
  // The text itself stays out of the message: it may be the secret.
  return refuse(fmt::format("{}{} is not a reference to a secret", prefix_, key), hint);
}

std::optional<SecretRef> TableReader::secret(std::string_view key,
                                             std::string_view why_not_remote) {
  const Node* node = take(key);
  if (!node) return std::nullopt;
  auto ref = secret_from(key, *node, why_not_remote);
  if (ref) show(key, toml_string(ref->text()), node->where);
  return ref;
}

std::vector<SecretRef> TableReader::secrets(std::string_view key, std::string_view why_not_remote) {
  std::vector<SecretRef> refs;
  const Node* node = take(key);
  if (!node) return refs;
  if (!node->array()) wrong_type(key, *node, "an array of secrets");
  std::vector<std::string> texts;
  for (const Node& item : items_of(*node)) {
    if (auto ref = secret_from(key, item, why_not_remote)) {
      texts.push_back(ref->text());
      refs.push_back(std::move(*ref));
    }
  }
  show(key, toml_array(texts), node->where);
  return refs;
}

std::optional<std::string> TableReader::only_remote(std::string_view key) {
  constexpr std::string_view kRemote = "remote:";
  const Node* node = find(key);
  if (!node || items_of(*node).size() != 1) return std::nullopt;
  const auto* text = std::get_if<std::string>(&items_of(*node).front().value);
  if (!text || !text->starts_with(kRemote) || text->size() == kRemote.size()) return std::nullopt;
  take(key);
  show(key, toml_array({*text}), node->where);
  return text->substr(kRemote.size());
}

std::optional<TableReader> TableReader::table(std::string_view key) {
  const Node* node = take(key);
  if (!node) return std::nullopt;
  if (!node->table()) {
    wrong_type(key, *node, "a table");
    return std::nullopt;
  }
  return TableReader(*node, fmt::format("{}{}.", prefix_, key), *reading_);
}

bool TableReader::tables(std::string_view key, const std::function<void(TableReader&)>& read) {
  const Node* node = take(key);
  if (!node) return false;
  if (!node->array()) wrong_type(key, *node, "an array of tables");
  std::vector<std::string> shown;
  for (const Node& item : items_of(*node)) {
    if (!item.table()) {
      reading_->problems.push_back(
          {item.where,
           fmt::format("{}{} must hold tables only, here is {}", prefix_, key, item.type_name()),
           ""});
      continue;
    }
    // What the item shows lands in a table of its own, to be written as one value.
    reading_->shown.emplace_back();
    TableReader reader(item, fmt::format("{}{}.", prefix_, key), *reading_);
    read(reader);
    shown.push_back(inline_table(reading_->shown.back().lines, reader.prefix_));
    reading_->shown.pop_back();
  }
  show(key, fmt::format("[{}]", fmt::join(shown, ", ")), node->where);
  return !node->array() || !node->array()->empty();
}

void TableReader::finish() {
  const auto* table = node_->table();
  if (!table) return;
  for (const auto& entry : *table) {
    const std::string& key = entry.first;
    if (known_.contains(key) || refused_.contains(key)) continue;
    const std::string near = nearest(key, known_);
    problem(key, fmt::format("unknown key {}{}", prefix_, toml_key(key)),
            near.empty() ? "" : fmt::format("did you mean {}?", near));
  }
}

}  // namespace passgate::runtime
