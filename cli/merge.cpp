// SPDX-License-Identifier: Apache-2.0
#include "cli/merge.h"

#include <fmt/format.h>
#include <sysexits.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/record_source.h"
#include "cli/shown_text.h"
#include "cli/terminal.h"
#include "runtime/json_text.h"

namespace passgate::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

// A message holds a mebibyte, and the terminal takes 256 records at once.
constexpr std::size_t kMostRecords = 256;
constexpr std::size_t kMostBytes = std::size_t{512} * 1024;
constexpr unsigned kIdleRounds = 5;
// In the message it stands in {"taps":[…]}.
constexpr std::size_t kDeepestRecord = runtime::kDeepestJson - 2;

struct MergeOptions {
  std::string config = kDefaultConfig;
  std::string file;
  bool as_json = false;
};

/// Lines on their way to the terminal, and what came of those before.
class Upload {
 public:
  explicit Upload(runtime::SocketClient& client) : client_(client) {}

  /// False: the terminal went away.
  bool take(const std::string& line) {
    ++line_;
    if (line.empty()) return true;
    ++records_;
    if (line.size() > kLongestRecordLine) return reject(Errc::too_large);
    if (runtime::nests_deeper(line, kDeepestRecord)) return reject(Errc::bad_value);
    json record = runtime::parse_json(line);
    if (record.is_discarded()) {
      complain(line_, "is no JSON");
      return true;
    }
    // As it will be sent: a number may take more room than in the file.
    const std::size_t size = record.dump().size();
    if (size > kLongestRecordLine) return reject(Errc::too_large);
    batch_.push_back(std::move(record));
    lines_.push_back(line_);
    bytes_ += size;
    return batch_.size() < kMostRecords && bytes_ < kMostBytes ? true : send();
  }

  bool send() {
    const auto answer = client_.ask({{"type", "merge"}, {"taps", batch_}}, 30s);
    if (!answer) {
      fmt::print(stderr, "passgate: passgated went away ({})\n", name(answer.error().code()));
      return false;
    }
    if (answer->value("type", "") != "merged") {
      fmt::print(stderr, "passgate: passgated answers {}: see docs/errors.md\n",
                 shown_text(*answer, "error"));
      return false;
    }
    for (const char* each : {"new", "known", "own", "skipped", "conflicts", "withdrawn"}) {
      totals_[each] += answer->value(each, std::uint64_t{0});
    }
    for (const json& refused : answer->value("refused", json::array())) {
      const auto index = refused.value("index", std::size_t{0});
      complain(index < lines_.size() ? lines_[index] : 0,
               fmt::format("is refused: {}{}", shown_text(refused, "error"),
                           refused.contains("tap_id") ? " " + shown_text(refused, "tap_id") : ""));
    }
    unsettled_ = answer->value("unsettled", std::uint64_t{0});
    batch_ = json::array();
    lines_.clear();
    bytes_ = 0;
    progress();
    return true;
  }

  /// Until the terminal has told all that follows.
  bool settle() {
    for (unsigned idle = 0; unsettled_ > 0 && idle < kIdleRounds;) {
      const auto before = unsettled_;
      if (!send()) return false;
      idle = unsettled_ < before ? 0 : idle + 1;
    }
    return true;
  }

  int conclude(bool as_json) {
    if (shown_) fmt::print(stderr, "\r\033[K");
    if (as_json) {
      json summary = totals_;
      summary["records"] = records_;
      summary["refused"] = refused_;
      summary["unsettled"] = unsettled_;
      fmt::print("{}\n", summary.dump());
    } else {
      fmt::print("{} records: {} new, {} known, {} of this terminal, {} passed over, {} refused\n",
                 records_, totals_["new"], totals_["known"], totals_["own"], totals_["skipped"],
                 refused_);
      fmt::print("{} conflicts told, {} withdrawn\n", totals_["conflicts"], totals_["withdrawn"]);
      if (unsettled_ > 0) {
        fmt::print("{} passes are still to be judged: see the log of passgated\n", unsettled_);
      }
    }
    return refused_ > 0 ? EX_DATAERR : EX_OK;
  }

 private:
  /// Of this line, which the terminal is not asked about. @return That it goes on.
  bool reject(Errc error) {
    complain(line_, fmt::format("is refused: {}", name(error)));
    return true;
  }
  void complain(std::size_t line, const std::string& what) {
    ++refused_;
    if (shown_) fmt::print(stderr, "\r\033[K");
    fmt::print(stderr, "passgate: line {} {}\n", line, what);
  }
  void progress() {
    if (::isatty(STDERR_FILENO) == 0) return;
    shown_ = true;
    fmt::print(stderr, "\r\033[K{} records, {} conflicts", records_, totals_["conflicts"]);
    std::fflush(stderr);
  }

  runtime::SocketClient& client_;
  json batch_ = json::array();
  std::vector<std::size_t> lines_;  ///< Of the batch.
  std::size_t bytes_ = 0;
  std::size_t line_ = 0, records_ = 0, refused_ = 0;
  std::map<std::string, std::uint64_t> totals_;
  std::uint64_t unsettled_ = 0;
  bool shown_ = false;
};

int run_merge(const MergeOptions& options) {
  std::ifstream file;
  if (options.file != "-") file.open(options.file);
  std::istream& input = options.file == "-" ? std::cin : file;
  if (!input) return refuse({EX_NOINPUT, fmt::format("{} cannot be read", options.file)});
  const auto terminal = find_terminal(options.config);
  if (!terminal) return refuse(terminal.error());
  auto client = call(terminal->control_sock(), "passgated");
  if (!client) return refuse(client.error());
  Upload upload(*client);
  for (std::string line; std::getline(input, line);) {
    if (!upload.take(line)) return EX_UNAVAILABLE;
  }
  if (input.bad()) return refuse({EX_IOERR, fmt::format("{} cannot be read on", options.file)});
  if (!upload.send() || !upload.settle()) return EX_UNAVAILABLE;
  return upload.conclude(options.as_json);
}

}  // namespace

void add_merge(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<MergeOptions>();
  CLI::App* command =
      app.add_subcommand("merge", "Take in what another terminal did, and tell the conflicts");
  command
      ->add_option("file", options->file,
                   "What 'passgate taps --all --json' prints there; - for standard input")
      ->required();
  command->add_option("--config", options->config, "Configuration file");
  command->add_flag("--json", options->as_json, "The summary as one JSON object");
  command->callback([options, &exit_status] { exit_status = run_merge(*options); });
}

}  // namespace passgate::cli
