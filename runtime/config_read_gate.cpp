// SPDX-License-Identifier: Apache-2.0
// The tables passgated works by: terminal, readers.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/config_reader.h"

namespace passgate::runtime {

using std::chrono::milliseconds;

namespace {

bool is_terminal_id(std::string_view id) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, allowed);
}

}  // namespace

TerminalConfig read_terminal(const Node& node, Reading& reading) {
  reading.shown.push_back({"[terminal]", {}});
  TableReader table(node, "", reading);
  TerminalConfig terminal;
  terminal.id = table.optional_text("id").value_or("");
  if (!table.has("id")) {
    table.problem("id", "terminal.id is missing", "[terminal] id = \"gate-a1\"");
  } else if (!is_terminal_id(terminal.id)) {
    table.problem("id", "terminal.id must be 1 to 64 of A-Z a-z 0-9 . _ -");
  }
  terminal.state_dir = table.path("state_dir", terminal.state_dir);
  terminal.runtime_dir = table.path("runtime_dir", terminal.runtime_dir);
  terminal.keep_days = std::chrono::days(
      static_cast<int>(table.integer("keep_days", 1, 36'500, terminal.keep_days.count())));
  table.finish();

  constexpr std::size_t kMaxSocketPath = 107;  // sun_path of unix(7), less its final NUL.
  if (terminal.control_sock().string().size() > kMaxSocketPath) {
    table.problem("runtime_dir",
                  fmt::format("runtime_dir is too long: {} would exceed the {} bytes a socket's "
                              "path may have",
                              terminal.control_sock().string(), kMaxSocketPath));
  }
  return terminal;
}

ReaderConfig read_reader(const Node& node, Reading& reading) {
  reading.shown.push_back({"[[reader]]", {}});
  TableReader table(node, "", reading);
  ReaderConfig reader;
  reader.origin = node.where;
  reader.name = table.text("name", "");
  reader.match = table.text("match", reader.match);
  if (reader.match.empty()) table.problem("match", "match is empty: no reader would fit", "\"*\"");
  table.lacks("serial", "readers chosen by serial number");
  table.lacks("usb", "readers chosen by USB port");
  reader.mode = table.choice("mode", {"gate", "wedge"}, "gate") == "wedge" ? ReaderMode::wedge
                                                                           : ReaderMode::gate;
  reader.zone = table.text("zone", "");
  reader.direction = table.choice("direction", {"entry", "exit"}, "entry");
  reader.rearm = milliseconds(table.integer("rearm_ms", 0, 600'000, reader.rearm.count()));
  reader.passes = table.texts("passes", {});
  table.finish();
  return reader;
}

}  // namespace passgate::runtime
