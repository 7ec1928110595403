// SPDX-License-Identifier: Apache-2.0
#include "tests/layers/source_rules.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>

namespace passgate::layers {
namespace {

constexpr std::string_view kLicence = "SPDX-License-Identifier: Apache-2.0";
constexpr std::size_t kLongestFile = 400;

/// Which layers a folder may include, itself aside.
using Layers = std::map<std::string, std::set<std::string>, std::less<>>;
const Layers& layers() {
  static const Layers table = {
      {"core", {}},
      {"crypto", {"core"}},
      {"apdu", {"core", "crypto"}},
      {"apdu/pcsc", {"core", "apdu"}},
      {"hid", {"core"}},
      {"gate", {"core"}},
      {"runtime", {"core"}},
      {"terms", {"core", "gate", "runtime"}},
      {"daemon", {"core", "crypto", "apdu", "hid", "gate", "runtime", "terms"}},
      {"sync", {"core", "crypto", "gate", "runtime"}},
      {"cli", {"core", "crypto", "apdu", "gate", "runtime", "terms"}},
      {"sim", {"core", "crypto", "apdu", "runtime"}},
      {"tests", {}},
      {"bench", {}},
  };
  return table;
}

/// A foreign header, or a folder of them when it ends in '/', and its homes.
struct Foreign {
  std::string_view header;
  std::vector<std::string_view> homes;
};
const std::vector<Foreign>& foreign_headers() {
  static const std::vector<Foreign> table = {
      {"winscard.h", {"apdu/pcsc"}},
      {"PCSC/", {"apdu/pcsc", "sim/reader"}},
      {"reader.h", {"apdu/pcsc", "sim/reader"}},
      {"pcsclite.h", {"apdu/pcsc", "sim/reader"}},
      {"wintypes.h", {"apdu/pcsc", "sim/reader"}},
      {"ifdhandler.h", {"sim/reader"}},
      {"openssl/", {"crypto"}},
      {"zlib.h", {"apdu", "sim/tap"}},
      {"sqlite3.h", {"gate", "sync/store"}},
      {"SQLiteCpp/", {"gate", "sync/store"}},
      {"date/", {"gate"}},
      {"curl/", {"sync/http"}},
      {"microhttpd.h", {"sync/service", "sim/http"}},
      {"prometheus/", {"sync"}},
      {"libevdev/", {"hid"}},
      {"xkbcommon/", {"hid"}},
      {"linux/uinput.h", {"hid"}},
      {"linux/input.h", {"hid"}},
      {"linux/input-event-codes.h", {"hid"}},
      {"toml++/", {"runtime"}},
      {"systemd/", {"runtime"}},
  };
  return table;
}

std::string top_of(std::string_view path) {
  return std::string(path.substr(0, path.find('/')));
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

bool may_include_everything(std::string_view path) {
  return is_below(path, "tests") || is_below(path, "bench");
}

/// The row of the layer table that a file belongs to.
std::string layer_of(std::string_view path) {
  return is_below(path, "apdu/pcsc") ? "apdu/pcsc" : top_of(path);
}

struct Include {
  std::string header;
  bool quoted = false;
};

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

std::optional<Include> include_in(std::string_view line) {
  line = without_blanks(line);
  if (!line.starts_with('#')) return std::nullopt;
  line = without_blanks(line.substr(1));
  if (!line.starts_with("include")) return std::nullopt;
  line = without_blanks(line.substr(7));
  if (line.empty() || (line[0] != '"' && line[0] != '<')) return std::nullopt;
  const bool quoted = line[0] == '"';
  const auto end = line.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Include{std::string(line.substr(1, end - 1)), quoted};
}

std::optional<std::string> project_fault(std::string_view path, const Include& include) {
  const std::string header_layer = top_of(include.header);
  const bool ours = layers().contains(header_layer) && include.header.contains('/');
  if (include.quoted != ours) {
    return ours ? "project header " + include.header + " in angle brackets"
                : include.header + " is not a path from the repository root";
  }
  if (!ours || may_include_everything(path) || header_layer == top_of(path)) return std::nullopt;
  const auto row = layers().find(layer_of(path));
  if (row != layers().end() && row->second.contains(header_layer)) return std::nullopt;
  return layer_of(path) + " may not include " + include.header;
}

std::optional<std::string> foreign_fault(std::string_view path, const std::string& header) {
  if (may_include_everything(path)) return std::nullopt;
  for (const Foreign& foreign : foreign_headers()) {
    const bool matches = foreign.header.ends_with('/') ? header.starts_with(foreign.header)
                                                       : header == foreign.header;
    if (!matches) continue;
    const bool home =
        std::ranges::any_of(foreign.homes, [&](auto folder) { return is_below(path, folder); });
    if (!home) return "<" + header + "> does not belong here";
  }
  return std::nullopt;
}

bool calls_getenv(std::string_view line) {
  const auto code = line.substr(0, line.find("//"));
  return code.find("getenv(") != std::string_view::npos;
}

std::string at(const SourceFile& file, std::size_t line) {
  return file.path + ":" + std::to_string(line) + ": ";
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

Violations include_violations(const SourceFile& file) {
  Violations found;
  if (!layers().contains(top_of(file.path)) || !file.path.contains('/')) {
    found.push_back(file.path + ": belongs to no layer");
  }
  std::size_t number = 0;
  for (const std::string& line : lines_of(file.text)) {
    ++number;
    const auto include = include_in(line);
    if (!include) continue;
    if (auto fault = project_fault(file.path, *include)) {
      found.push_back(at(file, number) + *fault);
    }
    if (auto fault = foreign_fault(file.path, include->header)) {
      found.push_back(at(file, number) + *fault);
    }
  }
  return found;
}

Violations file_violations(const SourceFile& file) {
  Violations found;
  const auto lines = lines_of(file.text);
  if (lines.empty() || !lines[0].contains(kLicence)) {
    found.push_back(file.path + ": the first line is not " + std::string(kLicence));
  }
  if (lines.size() > kLongestFile) {
    found.push_back(file.path + ": " + std::to_string(lines.size()) + " lines, at most " +
                    std::to_string(kLongestFile));
  }
  if (file.path.ends_with("/main.cpp") || may_include_everything(file.path)) return found;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (calls_getenv(lines[i])) found.push_back(at(file, i + 1) + "getenv outside main.cpp");
  }
  return found;
}

Violations stray_test_violations(const SourceFile& file, const std::set<std::string>& with_cmake) {
  if (!is_below(file.path, "tests") || !file.path.ends_with(".cpp")) return {};
  const std::string rest = file.path.substr(std::string_view("tests/").size());
  if (rest.contains('/') && with_cmake.contains(top_of(rest))) return {};
  return {file.path + ": no tests.cmake, so nothing builds it"};
}

bool is_source(const std::string& path) {
  constexpr std::array<std::string_view, 5> kEndings = {".h", ".cpp", ".c", ".hpp", ".cc"};
  return std::ranges::any_of(kEndings, [&](auto ending) { return path.ends_with(ending); });
}

}  // namespace passgate::layers
