// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "core/result.h"

namespace passgate::runtime {

/// syslog levels, as the journal and `<N>` prefixes use them.
enum class Level : int { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

using LogField = std::pair<std::string_view, std::string>;

/// One line on standard error: `<N>message key=value …` under systemd
/// (JOURNAL_STREAM set), else `2026-11-20T19:04:11.482Z warning message key=value`.
/// Thread-safe; a line is one write(2). Values are quoted when they hold spaces
/// and stripped of control characters. Pass content, keys and tokens never go
/// in here: there is no overload for bytes or secrets.
class Log {
 public:
  Log(bool under_systemd, Level most_verbose) noexcept;
  void operator()(Level level, std::string_view message,
                  std::initializer_list<LogField> fields = {}) const;
  /// Adds error=NAME detail=N at=FILE:LINE.
  void operator()(Level level, std::string_view message, const Error& error,
                  std::initializer_list<LogField> fields = {}) const;

 private:
  bool under_systemd_;
  Level most_verbose_;
};

}  // namespace passgate::runtime
