// SPDX-License-Identifier: Apache-2.0
// Our own time in a tap, by stage, commit included: the tap flow of passgated
// with real keys, a real journal file and virtual phones in this process; one
// half of the taps by iPhones, the other by Android phones, in turns.
// bench_tap [--taps N] [--json]
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "runtime/system_clock.h"
#include "tests/rig/flow_rig.h"
#include "tests/rig/temp_folder.h"

namespace {

using namespace passgate;

using Times = std::map<std::string, std::vector<std::int64_t>>;

struct Measured {
  Times apple;
  Times google;
};

void note(Times& times, const daemon::TapReport& report) {
  if (report.decision != gate::Decision::admit) std::abort();
  times["1 session"].push_back(report.stages.session.count());
  times["2 open"].push_back(report.stages.open.count());
  times["3 decide"].push_back(report.stages.decide.count());
  times["4 journal"].push_back(report.stages.journal.count());
  times["5 own, all"].push_back(report.stages.own().count());
}

Measured measure(const std::filesystem::path& folder, unsigned taps) {
  const runtime::SystemClock clock;
  test::FlowRig rig(folder, {.clock = &clock});
  Measured measured;
  for (unsigned i = 0; i < taps / 2; ++i) {
    note(measured.apple, rig.tap(*rig.phone(fmt::format("a{:017x}", i))));
    note(measured.google, rig.tap(*rig.android(fmt::format("b{:017x}", i))));
  }
  return measured;
}

std::int64_t quantile(std::vector<std::int64_t> values, double q) {
  const auto nth = static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, values.begin() + nth);
  return values[static_cast<std::size_t>(nth)];
}

nlohmann::json summarise(const std::string& wallet, const Times& times, bool as_json) {
  nlohmann::json json;
  if (!as_json) {
    fmt::print("own time per tap, {}, {} taps, microseconds\n", wallet,
               times.begin()->second.size());
  }
  for (const auto& [stage, values] : times) {
    const auto p50 = quantile(values, 0.50);
    const auto p99 = quantile(values, 0.99);
    json[stage.substr(2)] = {{"p50_us", p50}, {"p99_us", p99}};
    if (!as_json) fmt::print("  {:<10} p50 {:>6}   p99 {:>6}\n", stage.substr(2), p50, p99);
  }
  return json;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App options{"Our own time per tap by stage"};
  unsigned taps = 4000;
  bool as_json = false;
  options.add_option("--taps", taps, "How many")->check(CLI::Range(20U, 1000000U));
  options.add_flag("--json", as_json, "One JSON object");
  CLI11_PARSE(options, argc, argv);

  const test::TempFolder folder;
  const Measured measured = measure(folder.path(), taps);
  const nlohmann::json json = {{"apple", summarise("apple", measured.apple, as_json)},
                               {"google", summarise("google", measured.google, as_json)}};
  if (as_json) fmt::print("{}\n", json.dump());
  return 0;
}
