// SPDX-License-Identifier: Apache-2.0
#include "runtime/toml_tree.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <expected>
#include <fstream>
#include <memory>
#include <system_error>

namespace passgate::runtime {
namespace {

namespace fs = std::filesystem;

/// toml++ bounds the nesting of values (TOML_MAX_NESTED_VALUES), so the
/// recursion here is bounded too.
Node convert(const toml::node& from, const fs::path& file) {
  Node node;
  node.where = {file, static_cast<int>(from.source().begin.line)};
  if (const auto* table = from.as_table()) {
    Node::Table entries;
    for (const auto& [key, value] : *table) {
      // The key's own line is what a person looks for, not where its value begins.
      Node entry = convert(value, file);
      if (key.source().begin) entry.where.line = static_cast<int>(key.source().begin.line);
      entries.emplace(std::string(key.str()), std::move(entry));
    }
    node.value = std::move(entries);
  } else if (const auto* array = from.as_array()) {
    Node::Array items;
    for (const auto& item : *array) items.push_back(convert(item, file));
    node.value = std::move(items);
  } else if (const auto* text = from.as_string()) {
    node.value = text->get();
  } else if (const auto* integer = from.as_integer()) {
    node.value = integer->get();
  } else if (const auto* number = from.as_floating_point()) {
    node.value = number->get();
  } else if (const auto* flag = from.as_boolean()) {
    node.value = flag->get();
  }
  return node;
}

using Parsed = std::expected<Node, ConfigProblem>;

std::expected<std::string, ConfigProblem> read_text(const fs::path& file) {
  const auto unreadable = [&file](const std::string& why) {
    return std::unexpected(
        ConfigProblem{{file, 0}, fmt::format("cannot read the file: {}", why), ""});
  };
  std::error_code error;
  const auto status = fs::status(file, error);
  if (!fs::exists(status)) return unreadable("there is no such file");
  if (!fs::is_regular_file(status)) return unreadable("it is not a regular file");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return unreadable(std::generic_category().message(errno));
  std::string text(kMaxConfigFile + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return unreadable("reading it fails");
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMaxConfigFile) return unreadable("it is larger than 1 MiB");
  return text;
}

Parsed parse_file(const fs::path& file) {
  const auto text = read_text(file);
  if (!text) return std::unexpected(text.error());
  try {
    return convert(toml::parse(std::string_view(*text)), file);
  } catch (const toml::parse_error& error) {
    return std::unexpected(ConfigProblem{{file, static_cast<int>(error.source().begin.line)},
                                         fmt::format("not TOML: {}", error.description()),
                                         ""});
  }
}

void merge(Node& into, Node&& later, std::vector<ConfigProblem>& problems) {
  if (auto* table = std::get_if<Node::Table>(&into.value); table && later.table()) {
    for (auto& [key, value] : std::get<Node::Table>(later.value)) {
      if (const auto found = table->find(key); found != table->end()) {
        merge(found->second, std::move(value), problems);
      } else {
        table->emplace(key, std::move(value));
      }
    }
    return;
  }
  if (into.is_array_of_tables() && later.is_array_of_tables()) {
    std::ranges::move(std::get<Node::Array>(later.value),
                      std::back_inserter(std::get<Node::Array>(into.value)));
    return;
  }
  const bool structure = into.table() || into.is_array_of_tables() || later.table();
  if (structure) {
    problems.push_back({later.where,
                        fmt::format("this is {}, but {} at {}:{}", later.type_name(),
                                    into.type_name(), into.where.file.string(), into.where.line),
                        ""});
    return;
  }
  into = std::move(later);
}

std::vector<fs::path> files_of(const fs::path& main_file, std::vector<ConfigProblem>& problems) {
  std::vector<fs::path> files;
  const fs::path folder = main_file.parent_path() / "conf.d";
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const fs::path name = it->path().filename();
    if (name.extension() == ".toml" && !name.string().starts_with('.')) files.push_back(it->path());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    problems.push_back({{folder, 0}, "cannot read the folder: " + error.message(), ""});
  }
  std::ranges::sort(files);
  if (files.size() >= kMaxConfigFiles) {
    problems.push_back({{folder, 0}, fmt::format("more than {} files", kMaxConfigFiles), ""});
    files.resize(kMaxConfigFiles - 1);
  }
  files.insert(files.begin(), main_file);
  return files;
}

}  // namespace

bool Node::is_array_of_tables() const noexcept {
  const auto* items = array();
  return items && !items->empty() &&
         std::ranges::all_of(*items, [](const Node& item) { return item.table() != nullptr; });
}

std::string_view Node::type_name() const noexcept {
  struct Names {
    std::string_view operator()(std::monostate) const { return "a date or time"; }
    std::string_view operator()(bool) const { return "true or false"; }
    std::string_view operator()(std::int64_t) const { return "an integer"; }
    std::string_view operator()(double) const { return "a number"; }
    std::string_view operator()(const std::string&) const { return "a string"; }
    std::string_view operator()(const Array&) const { return "an array"; }
    std::string_view operator()(const Table&) const { return "a table"; }
  };
  return std::visit(Names{}, value);
}

TomlTree read_toml_tree(const fs::path& file) {
  TomlTree tree;
  std::error_code error;
  fs::path main_file = fs::absolute(file, error).lexically_normal();
  if (error) main_file = file;
  tree.root.value = Node::Table{};
  tree.root.where = {main_file, 0};
  for (const fs::path& path : files_of(main_file, tree.problems)) {
    auto parsed = parse_file(path);
    if (parsed) {
      merge(tree.root, std::move(*parsed), tree.problems);
    } else {
      tree.problems.push_back(std::move(parsed.error()));
    }
  }
  return tree;
}

}  // namespace passgate::runtime
