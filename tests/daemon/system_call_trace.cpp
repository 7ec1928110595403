// SPDX-License-Identifier: Apache-2.0
#include "tests/daemon/system_call_trace.h"

#include <fmt/format.h>

#include <map>
#include <sstream>

namespace passgate::test {
namespace {

/// ACS escape "set LED", green; as strace -x prints it.
constexpr std::string_view kGreen = R"(\xe0\x00\x00\x29\x01\x02)";

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

class Checker {
 public:
  void line(std::string_view text) {
    ++number_;
    const std::string_view pid = text.substr(0, text.find(' '));
    const bool resumed = has(text, " resumed>");
    std::string call(text);
    if (resumed) {
      call = unfinished_[std::string(pid)] + call;
    } else {
      begun(text);
      if (has(text, "<unfinished ...>")) {
        unfinished_[std::string(pid)] = text;
        return;
      }
    }
    ended(call);
  }

  Durability result() {
    if (found_.admissions == 0) violate("no admission at all");
    return found_;
  }

 private:
  /// A byte is on its way as soon as the call begins.
  void begun(std::string_view call) {
    const bool writes = has(call, "write") || has(call, "send");
    if (!writes) return;
    if (has(call, "/journal.db-wal>")) {
      unsynced_ = true;
      written_ = true;
    } else if (has(call, "/typed.txt>")) {
      ++found_.admissions;
      effect("keyboard");
      written_ = false;
    } else if (has(call, kGreen)) {
      ++found_.greens;
      effect("lamp");
    } else if (has(call, "/control.sock\"") && has(call, R"(\"decision\":\"admit\")")) {
      ++found_.screens;
      if (found_.screens > syncs_) violate("a watcher heard of an admission before its sync");
    }
  }

  /// A sync counts when it has returned, and returned 0.
  void ended(std::string_view call) {
    const bool syncs = has(call, "fsync(") || has(call, "fdatasync(");
    if (!syncs || !has(call, "/journal.db-wal>") || !call.ends_with("= 0")) return;
    if (unsynced_) ++syncs_;
    unsynced_ = false;
  }

  void effect(std::string_view what) {
    if (!written_) violate(fmt::format("{}: nothing was written for it", what));
    if (unsynced_) violate(fmt::format("{}: what was written is not synced", what));
  }

  void violate(std::string_view what) {
    found_.violations.push_back(fmt::format("line {}: {}", number_, what));
  }

  Durability found_;
  std::map<std::string, std::string> unfinished_;
  std::size_t number_ = 0;
  std::size_t syncs_ = 0;
  bool unsynced_ = false;
  bool written_ = false;
};

}  // namespace

std::vector<std::string> under_strace(const std::filesystem::path& trace) {
  return {"/usr/bin/strace",
          "-D",
          "-f",
          "-q",
          "-yy",
          "-x",
          "-s",
          "4096",
          "-o",
          trace,
          "-e",
          std::string("trace=") + kTracedCalls};
}

Durability check_durability(std::string_view trace) {
  Checker checker;
  std::istringstream lines{std::string(trace)};
  for (std::string line; std::getline(lines, line);) checker.line(line);
  return checker.result();
}

}  // namespace passgate::test
