// SPDX-License-Identifier: Apache-2.0
// A first sweep of a large template: passgate-syncd and a sandbox cloud as
// processes, over HTTP; against storing the same rows with nothing before it, in
// the same run. Then what passgated pays: single look-ups in the mirror it left.
// bench_sweep [--passes N] [--page N] [--json]
#include <fmt/format.h>
#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "gate/pass_mirror.h"
#include "runtime/socket_client.h"
#include "sim/demo/process.h"
#include "sync/store/passes_store.h"
#include "tests/rig/temp_folder.h"

namespace {

using namespace passgate;
using std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr std::string_view kTemplate = "ptk_0x14";
constexpr std::string_view kProvider = "main";
constexpr int kLookUps = 100'000;

struct Options {
  std::size_t passes = 1'000'000;
  std::size_t page = 1000;
  bool json = false;
};

std::string serial(std::size_t number) {
  return fmt::format("{:018x}", number * 2654435761U);
}

double seconds_since(steady_clock::time_point start) {
  return Seconds(steady_clock::now() - start).count();
}

void write_passes(const test::TempFolder& folder, std::size_t count) {
  std::ofstream file(folder / "passes.json");
  file << fmt::format(R"({{"templates":[{{"id":"{}","keys":["scan"],"passes":[)", kTemplate);
  for (std::size_t i = 0; i < count; ++i) {
    file << (i == 0 ? "" : ",") << R"({"serial":")" << serial(i) << "\"}";
  }
  file << "]}]}";
}

/// Peak resident memory, in MiB.
double peak_memory(::pid_t pid) {
  std::istringstream status(test::content_of(fmt::format("/proc/{}/status", pid)));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

/// Whether the sweep was completed.
bool is_complete(const test::TempFolder& folder) {
  auto client = runtime::SocketClient::connect(folder / "run/sync/sync.sock");
  if (!client) return false;
  const auto status = client->ask({{"type", "status"}}, std::chrono::seconds(30));
  if (!status) return false;
  return status->at("/providers/0/templates/0/completed_at"_json_pointer).is_string();
}

struct Swept {
  double seconds = 0;
  double peak_mib = 0;
};

std::optional<Swept> sweep(const test::TempFolder& folder, const Options& options) {
  const std::filesystem::path programs = PASSGATE_BIN_DIR;
  folder.write("key", "0123456789abcdef0123456789abcdef");
  auto cloud = sim::Process::start(
      {.command = {programs / "passgate-sim", "cloud", "--kind", "passninja", "--account",
                   "aid_0xa01", "--api-key-file", folder / "key", "--max-per-page", "1000000",
                   "--passes", folder / "passes.json", "--listen", "127.0.0.1:0"},
       .environment = {},
       .log = folder / "cloud.log"});
  if (!cloud) return std::nullopt;
  const auto line = cloud->read_line(std::chrono::minutes(5));
  if (!line) return std::nullopt;
  const auto url = nlohmann::json::parse(*line)["url"].get<std::string>();
  folder.write("passgate.toml", fmt::format(R"([terminal]
id = "gate-a1"
state_dir = "state"
runtime_dir = "run"
[[reader]]
mode = "wedge"
[[pass]]
name = "ticket"
provider = "{}"
template = "{}"
apple = {{ pass_type_id = "pass.com.example.ticket", keys = ["file:absent.pem"] }}
[[provider]]
name = "{}"
kind = "passninja"
base_url = "{}/v1"
account_id = "aid_0xa01"
api_key = "file:key"
page_size = {}
max_rps = 100000
)",
                                            kProvider, kTemplate, kProvider, url, options.page));
  const auto start = steady_clock::now();
  auto syncd = sim::Process::start(
      {.command = {programs / "passgate-syncd", "--config", folder / "passgate.toml"},
       .environment = {},
       .log = folder / "syncd.log"});
  if (!syncd) return std::nullopt;
  while (!is_complete(folder)) {
    if (seconds_since(start) > 1200) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return Swept{.seconds = seconds_since(start), .peak_mib = peak_memory(syncd->pid())};
}

/// Seconds to store the same rows, a page at a time.
std::optional<double> store_alone(const test::TempFolder& folder, const Options& options) {
  auto store = sync::PassesStore::open(folder / "alone.db");
  if (!store) return std::nullopt;
  const auto start = steady_clock::now();
  const auto number = store->begin_sweep(kProvider, kTemplate);
  if (!number) return std::nullopt;
  std::vector<sync::MirrorRow> rows;
  for (std::size_t i = 0; i < options.passes; ++i) {
    rows.push_back({serial(i), serial(i), gate::PassState::valid, std::nullopt, std::nullopt});
    if (rows.size() < options.page && i + 1 < options.passes) continue;
    if (!store->add(kProvider, kTemplate, *number, rows, "page")) return std::nullopt;
    rows.clear();
  }
  return seconds_since(start);
}

/// Nanoseconds of single look-ups, sorted.
std::vector<std::int64_t> look_ups(const test::TempFolder& folder, const Options& options) {
  gate::PassMirror mirror(folder / "state/sync/passes.db");
  std::mt19937_64 random(1);
  std::vector<std::int64_t> times;
  for (int i = 0; i < kLookUps; ++i) {
    const auto wanted = serial(random() % options.passes);
    const auto start = steady_clock::now();
    const auto belief = mirror.look_up(kProvider, kTemplate, wanted);
    times.push_back((steady_clock::now() - start).count());
    if (belief.knowledge != gate::Belief::Knowledge::listed) return {};
  }
  std::ranges::sort(times);
  return times;
}

int fail(const test::TempFolder& folder, const char* what) {
  fmt::print(stderr, "{}:\n{}{}", what, folder.read("cloud.log"), folder.read("syncd.log"));
  return EX_SOFTWARE;
}

int measure(const Options& options) {
  const test::TempFolder folder;
  write_passes(folder, options.passes);
  const auto swept = sweep(folder, options);
  if (!swept) return fail(folder, "the sweep did not end");
  const auto alone = store_alone(folder, options);
  if (!alone) return fail(folder, "the rows could not be stored");
  const auto times = look_ups(folder, options);
  if (times.empty()) return fail(folder, "a pass is not in the mirror");
  const auto count = static_cast<double>(options.passes);
  const double rate = count / swept->seconds;
  const double rate_alone = count / *alone;
  const double p50 = static_cast<double>(times[times.size() / 2]) / 1000;
  const double p99 = static_cast<double>(times[times.size() * 99 / 100]) / 1000;
  if (options.json) {
    fmt::print(
        "{{\"passes\":{},\"swept_per_s\":{:.0f},\"stored_alone_per_s\":{:.0f},\"ratio\":{:.3f},"
        "\"peak_mib\":{:.0f},\"look_up_p50_us\":{:.1f},\"look_up_p99_us\":{:.1f}}}\n",
        options.passes, rate, rate_alone, rate / rate_alone, swept->peak_mib, p50, p99);
    return EX_OK;
  }
  fmt::print("first sweep of {} passes, {} a page, cloud on the same cores\n", options.passes,
             options.page);
  fmt::print("swept                    {:8.0f}/s  passgate-syncd at most {:.0f} MiB\n", rate,
             swept->peak_mib);
  fmt::print("the same rows stored     {:8.0f}/s  nothing before it\n", rate_alone);
  fmt::print("ratio                    {:8.3f}\n", rate / rate_alone);
  fmt::print("a look-up in that mirror p50 {:.1f} us, p99 {:.1f} us\n", p50, p99);
  return EX_OK;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A first sweep of a large template");
  Options options;
  app.add_option("--passes", options.passes)->check(CLI::Range(1, 10'000'000));
  app.add_option("--page", options.page)->check(CLI::Range(1, 1000));
  app.add_flag("--json", options.json);
  CLI11_PARSE(app, argc, argv);
  return measure(options);
}
