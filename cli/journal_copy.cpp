// SPDX-License-Identifier: Apache-2.0
#include "cli/journal_copy.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <sysexits.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "gate/journal.h"

namespace passgate::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kMostCopies = 5;
constexpr std::size_t kBatch = 1024;

std::unexpected<Refusal> refuse_file(int exit_code, const fs::path& file, std::string_view what) {
  return std::unexpected(Refusal{exit_code, fmt::format("{}: {}", file.string(), what)});
}

/// A checkpoint while we copy would leave the two files of different ages; it
/// writes into the database, which shows.
std::expected<fs::path, Refusal> copy_of(const fs::path& journal, const fs::path& folder) {
  fs::path copy = folder / "journal.db";
  const fs::path wal = journal.string() + "-wal";
  for (int attempt = 0; attempt < kMostCopies; ++attempt) {
    std::error_code failed;
    const auto before = fs::last_write_time(journal, failed);
    if (!failed) fs::copy_file(journal, copy, fs::copy_options::overwrite_existing, failed);
    if (!failed && fs::exists(wal)) {
      fs::copy_file(wal, copy.string() + "-wal", fs::copy_options::overwrite_existing, failed);
    }
    if (failed) return refuse_file(EX_NOINPUT, journal, failed.message());
    if (fs::last_write_time(journal, failed) == before) return copy;
    fs::remove(copy.string() + "-wal", failed);
  }
  return refuse_file(EX_TEMPFAIL, journal,
                     "is written faster than it can be copied; stop passgated");
}

void write(const gate::TapRecord& record, std::ostream& out) {
  constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
  out << gate::to_json(record).dump(-1, ' ', false, kReplace) << '\n';
}

using PassKeys = std::set<std::pair<std::string, std::string>>;

/// What this terminal wrote. @return Of which passes.
Result<PassKeys> write_own(gate::Journal& journal, std::ostream& out) {
  PassKeys passes;
  for (std::uint64_t after = 0;;) {
    const auto records = journal.read_after(after, kBatch);
    if (!records) return std::unexpected(records.error());
    if (records->empty()) return passes;
    for (const gate::TapRecord& record : *records) {
      write(record, out);
      if (!record.pass_id.empty()) passes.emplace(record.pass_template, record.pass_id);
    }
    after = records->back().position;
  }
}

/// And what others told it of the same passes.
Status write_peers(gate::Journal& journal, const PassKeys& passes, std::ostream& out) {
  for (const auto& [pass_template, pass_id] : passes) {
    const auto records = journal.all_of(pass_template, pass_id);
    if (!records) return std::unexpected(records.error());
    for (const gate::TapRecord& record : records->peers) write(record, out);
  }
  return {};
}

}  // namespace

std::expected<TemporaryFolder, Refusal> TemporaryFolder::make() {
  std::error_code failed;
  std::string pattern = (fs::temp_directory_path(failed) / "passgate-XXXXXX").string();
  if (failed || ::mkdtemp(pattern.data()) == nullptr) {
    return std::unexpected(Refusal{EX_CANTCREAT, "no temporary folder can be made"});
  }
  return TemporaryFolder(pattern);
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

bool is_database(const fs::path& file) {
  constexpr std::string_view kMagic = "SQLite format 3";
  std::string start(kMagic.size(), '\0');
  std::ifstream in(file, std::ios::binary);
  return in.read(start.data(), static_cast<std::streamsize>(start.size())) && start == kMagic;
}

std::expected<fs::path, Refusal> records_of_journal(const fs::path& journal,
                                                    const TemporaryFolder& folder) {
  const auto copy = copy_of(journal, folder.path());
  if (!copy) return std::unexpected(copy.error());
  auto opened = gate::Journal::open({.path = *copy, .vfs = {}});
  if (!opened) return refuse_file(EX_DATAERR, journal, name(opened.error().code()));
  fs::path lines = folder.path() / "records.jsonl";
  std::ofstream out(lines, std::ios::binary);
  const auto passes = write_own(*opened, out);
  if (!passes) return refuse_file(EX_DATAERR, journal, name(passes.error().code()));
  const Status peers = write_peers(*opened, *passes, out);
  if (!peers) return refuse_file(EX_DATAERR, journal, name(peers.error().code()));
  if (!out.flush()) return refuse_file(EX_IOERR, lines, "cannot be written");
  return lines;
}

}  // namespace passgate::cli
