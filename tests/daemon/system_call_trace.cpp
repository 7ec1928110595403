// SPDX-License-Identifier: Apache-2.0
#include "tests/daemon/system_call_trace.h"

#include <fmt/format.h>

#include <map>
#include <sstream>

namespace passgate::test {
namespace {

/// ACS escape "set LED", green; as strace -x prints it.
constexpr std::string_view kGreen = R"(\xe0\x00\x00\x29\x01\x02)";

/// Bytes as strace -x prints a string that is not all printable; a frame is
/// not, because of its length.
std::string as_strace_prints(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return text;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

class Checker {
 public:
  void line(std::string_view text) {
    ++number_;
    const std::string pid(text.substr(0, text.find(' ')));
    Thread& thread = threads_[pid];
    const bool resumed = has(text, " resumed>");
    std::string call(text);
    if (resumed) {
      call = thread.unfinished + call;
    } else {
      begun(text, thread);
      if (has(text, "<unfinished ...>")) {
        thread.unfinished = text;
        return;
      }
    }
    ended(call, thread);
  }

  Durability result() {
    if (found_.admissions == 0) violate("no admission at all");
    return found_;
  }

 private:
  /// A tap is written, synced and shown by its reader's thread. What other
  /// threads write meanwhile (an acknowledgement, say) is not that tap's.
  struct Thread {
    std::string unfinished;
    bool unsynced = false;
    bool written = false;
  };

  /// A byte is on its way as soon as the call begins.
  void begun(std::string_view call, Thread& thread) {
    const bool writes = has(call, "write") || has(call, "send");
    if (!writes) return;
    if (has(call, "/journal.db-wal>")) {
      thread.unsynced = true;
      thread.written = true;
    } else if (has(call, "/typed.txt>")) {
      ++found_.admissions;
      effect("keyboard", thread);
      thread.written = false;
    } else if (has(call, kGreen)) {
      ++found_.greens;
      effect("lamp", thread);
    } else if (has(call, "/control.sock\"") && has(call, admitted_)) {
      ++found_.screens;
      if (found_.screens > syncs_) violate("a watcher heard of an admission before its sync");
    }
  }

  /// A sync counts when it has returned, and returned 0.
  void ended(std::string_view call, Thread& thread) {
    const bool syncs = has(call, "fsync(") || has(call, "fdatasync(");
    if (!syncs || !has(call, "/journal.db-wal>") || !call.ends_with("= 0")) return;
    if (thread.unsynced) ++syncs_;
    thread.unsynced = false;
  }

  void effect(std::string_view what, const Thread& thread) {
    if (!thread.written) violate(fmt::format("{}: nothing was written for it", what));
    if (thread.unsynced) violate(fmt::format("{}: what was written is not synced", what));
  }

  void violate(std::string_view what) {
    found_.violations.push_back(fmt::format("line {}: {}", number_, what));
  }

  const std::string admitted_ = as_strace_prints(R"("decision":"admit")");
  Durability found_;
  std::map<std::string, Thread> threads_;
  std::size_t number_ = 0;
  std::size_t syncs_ = 0;
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
