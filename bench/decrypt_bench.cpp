// SPDX-License-Identifier: Apache-2.0
// The decryption service under load: passgated and passgate-syncd as processes,
// wrk over connections that stay open, all on this machine's cores; against what
// those cores could do with nothing but EVP_PKEY_derive, in the same run.
// bench_decrypt [--seconds N] [--connections N] [--json]
#include <fmt/format.h>
#include <sysexits.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "crypto/ecdh_rate.h"
#include "tests/rig/decrypting_terminal.h"

namespace {

using namespace passgate;
using test::DecryptingTerminal;

constexpr int kPayloads = 64;
constexpr double kNoLimit = 100'000;

struct Options {
  unsigned seconds = 5;
  unsigned connections = 16;
  bool json = false;
};

/// Of all cores at once, as the daemons and the load have them too.
double raw_rate_of_all_cores() {
  std::vector<double> rates(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::thread> threads;
  threads.reserve(rates.size());
  for (auto& rate : rates) {
    threads.emplace_back(
        [&rate] { rate = crypto::raw_ecdh_per_second(std::chrono::milliseconds(1500)); });
  }
  for (auto& thread : threads) thread.join();
  double sum = 0;
  for (const double rate : rates) sum += rate;
  return sum;
}

/// Another payload with every request; the result as one line of JSON.
std::string script(const DecryptingTerminal& terminal) {
  std::string bodies;
  const WallTime stamp = from_rfc3339("2026-11-20T09:59:58Z").value();
  for (int i = 0; i < kPayloads; ++i) {
    bodies += fmt::format("  '{{\"payload\":\"{}\"}}',\n",
                          terminal.sealed(fmt::format("838b8cf60dac{:010}", i), stamp));
  }
  return fmt::format(R"(local bodies = {{
{}}}
wrk.method = 'POST'
wrk.headers['Content-Type'] = 'application/json'
wrk.headers['X-ACCOUNT-ID'] = '{}'
wrk.headers['X-API-KEY'] = '{}'
local requests, turn = {{}}, 0
function init()
  for i, body in ipairs(bodies) do requests[i] = wrk.format(nil, nil, nil, body) end
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
function done(summary, latency)
  local bad = summary.errors
  io.write(string.format(
    '{{"requests":%d,"us":%d,"failed":%d,"p50_us":%d,"p99_us":%d}}\n',
    summary.requests, summary.duration,
    bad.connect + bad.read + bad.write + bad.status + bad.timeout,
    latency:percentile(50), latency:percentile(99)))
end
)",
                     bodies, DecryptingTerminal::kAccount, DecryptingTerminal::kApiKey);
}

/// What wrk says at its end; null when it fails.
nlohmann::json load(const DecryptingTerminal& terminal, const Options& options) {
  const auto file = terminal.folder().write("load.lua", script(terminal));
  auto wrk = sim::Process::start(
      {.command = {"/usr/bin/env", "wrk", "-t1", fmt::format("-c{}", options.connections),
                   fmt::format("-d{}s", options.seconds), "-s", file.string(),
                   fmt::format("http://127.0.0.1:{}/v1/passes/{}/decrypt", terminal.port(),
                               DecryptingTerminal::kTemplate)},
       .environment = {},
       .log = terminal.folder() / "wrk.log"});
  if (!wrk) return nullptr;
  for (;;) {
    const auto line = wrk->read_line(std::chrono::seconds(options.seconds + 30));
    if (!line) return nullptr;
    if (line->starts_with('{')) return nlohmann::json::parse(*line);
  }
}

/// Processor time of a process so far, in seconds.
double seconds_of(::pid_t pid) {
  const auto stat = test::content_of(fmt::format("/proc/{}/stat", pid));
  std::istringstream fields(stat.substr(std::min(stat.rfind(')'), stat.size())));
  std::string skipped;
  for (int i = 0; i < 12; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

int measure(const Options& options) {
  const DecryptingTerminal terminal(kNoLimit);
  if (!terminal.wait()) {
    fmt::print(stderr, "the daemons do not serve:\n{}", terminal.said());
    return EX_SOFTWARE;
  }
  const double before = raw_rate_of_all_cores();
  const double core_start = seconds_of(terminal.core_pid());
  const double sync_start = seconds_of(terminal.sync_pid());
  const auto loaded = load(terminal, options);
  const double core_spent = seconds_of(terminal.core_pid()) - core_start;
  const double sync_spent = seconds_of(terminal.sync_pid()) - sync_start;
  const double raw = (before + raw_rate_of_all_cores()) / 2;
  const double requests = loaded.is_object() ? loaded["requests"].get<double>() : 0;
  if (requests <= 0 || loaded["failed"] != 0) {
    fmt::print(stderr, "not every request was answered with 200: {}\n{}{}", loaded.dump(),
               terminal.folder().read("wrk.log"), terminal.said().substr(0, 2000));
    return EX_SOFTWARE;
  }
  const double rate = requests * 1e6 / loaded["us"].get<double>();
  const auto cores = std::thread::hardware_concurrency();
  if (options.json) {
    fmt::print(
        "{{\"decrypt_per_s\":{:.0f},\"raw_ecdh_per_s\":{:.0f},\"ratio\":{:.3f},\"p50_us\":{},"
        "\"p99_us\":{},\"connections\":{},\"cores\":{}}}\n",
        rate, raw, rate / raw, loaded["p50_us"].dump(), loaded["p99_us"].dump(),
        options.connections, cores);
    return EX_OK;
  }
  fmt::print("POST decrypt, {} connections for {} s, load on the same {} cores\n",
             options.connections, options.seconds, cores);
  fmt::print("answers                  {:8.0f}/s  p50 {} us, p99 {} us\n", rate,
             loaded["p50_us"].dump(), loaded["p99_us"].dump());
  fmt::print("processor time each      passgated {:.0f} us, passgate-syncd {:.0f} us\n",
             core_spent * 1e6 / requests, sync_spent * 1e6 / requests);
  fmt::print("EVP_PKEY_derive alone    {:8.0f}/s  all cores at once\n", raw);
  fmt::print("ratio                    {:8.3f}\n", rate / raw);
  return EX_OK;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The decryption service under load");
  Options options;
  app.add_option("--seconds", options.seconds)->check(CLI::Range(1, 3600));
  app.add_option("--connections", options.connections)->check(CLI::Range(1, 500));
  app.add_flag("--json", options.json);
  CLI11_PARSE(app, argc, argv);
  return measure(options);
}
