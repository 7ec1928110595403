// SPDX-License-Identifier: Apache-2.0
#include "runtime/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "core/bytes.h"
#include "core/clock.h"

namespace passgate::runtime {
namespace {

/// Whatever a peer may put into a value, a line stays one line of bounded size.
constexpr std::size_t kMaxText = 1024;

/// `text` as UTF-8 without control characters, C0, DEL or C1: a terminal that
/// shows the log obeys none of what is in it.
std::string printable(std::string_view text) {
  const std::string valid = to_valid_utf8(bytes_of(text.substr(0, kMaxText)));
  std::string clean;
  clean.reserve(valid.size());
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto byte = static_cast<unsigned char>(valid[i]);
    if (byte < 0x20 || byte == 0x7F) continue;
    if (byte == 0xC2 && static_cast<unsigned char>(valid[i + 1]) < 0xA0) {
      ++i;  // U+0080..U+009F; the sequence is whole because the text is valid.
      continue;
    }
    clean.push_back(valid[i]);
  }
  return clean;
}

std::string value_text(std::string_view value) {
  std::string clean = printable(value);
  const bool plain = !clean.empty() && clean.find_first_of(" \"=\\") == std::string::npos;
  if (plain) return clean;
  std::string quoted = "\"";
  for (const char c : clean) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + '"';
}

std::string_view level_name(Level level) noexcept {
  switch (level) {
    case Level::error: return "error";
    case Level::warning: return "warning";
    case Level::notice: return "notice";
    case Level::info: return "info";
    case Level::debug: return "debug";
  }
  return "error";
}

std::string begin_line(bool under_systemd, Level level, std::string_view message) {
  if (under_systemd) return fmt::format("<{}>{}", static_cast<int>(level), printable(message));
  const auto now = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
  return fmt::format("{} {} {}", to_rfc3339_ms(now), level_name(level), printable(message));
}

void append_field(std::string& line, std::string_view key, std::string_view value) {
  line += fmt::format(" {}={}", printable(key), value_text(value));
}

/// One write(2), so that lines of several threads and processes never mix.
void write_line(std::string& line) noexcept {
  line.push_back('\n');
  while (::write(STDERR_FILENO, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

}  // namespace

Log::Log(bool under_systemd, Level most_verbose) noexcept
    : under_systemd_(under_systemd), most_verbose_(most_verbose) {}

void Log::operator()(Level level, std::string_view message,
                     std::initializer_list<LogField> fields) const {
  if (level > most_verbose_) return;
  std::string line = begin_line(under_systemd_, level, message);
  for (const auto& [key, value] : fields) append_field(line, key, value);
  write_line(line);
}

void Log::operator()(Level level, std::string_view message, const Error& error,
                     std::initializer_list<LogField> fields) const {
  if (level > most_verbose_) return;
  std::string line = begin_line(under_systemd_, level, message);
  append_field(line, "error", name(error.code()));
  append_field(line, "detail", fmt::to_string(error.detail()));
  append_field(line, "at", fmt::format("{}:{}", error.file(), error.line()));
  for (const auto& [key, value] : fields) append_field(line, key, value);
  write_line(line);
}

}  // namespace passgate::runtime
