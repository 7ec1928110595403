// SPDX-License-Identifier: Apache-2.0
// How much of the raw rate of EVP_PKEY_derive is left when whole Apple VAS
// cryptograms are opened. One process, one core, rounds of both in turn, so
// that a change of the processor's speed meets both alike.
#include <fmt/core.h>
#include <sched.h>
#include <sysexits.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <vector>

#include "core/require.h"
#include "crypto/ecdh_rate.h"
#include "crypto/vas_key_ring.h"
#include "crypto/vas_phone.h"

namespace {

using namespace passgate;
using std::chrono::milliseconds;

constexpr std::string_view kPayload = "6d1UlFpnOc50iVKRaboDOK";  // as long as a pass's usual text
constexpr int kCryptograms = 64;

struct Options {
  int rounds = 9;
  milliseconds round{200};
  bool json = false;
};

struct Subject {
  crypto::VasKeyRing ring{PassTypeId("pass.com.example.bench")};
  std::vector<Bytes> cryptograms;
};

Subject make_subject() {
  Subject subject;
  const SecretBytes key = crypto::new_private_key_pem();
  PG_REQUIRE(subject.ring.add(key));
  for (int i = 0; i < kCryptograms; ++i) {
    auto sealed = crypto::seal_vas(key, subject.ring.id(), WallTime{}, bytes_of(kPayload));
    PG_REQUIRE(sealed && subject.ring.open(*sealed));
    subject.cryptograms.push_back(std::move(*sealed));
  }
  return subject;
}

double opened_per_second(const Subject& subject, milliseconds duration) {
  std::size_t done = 0;
  const auto start = std::chrono::steady_clock::now();
  auto spent = std::chrono::steady_clock::duration::zero();
  while (spent < duration) {
    for (int i = 0; i < 16; ++i) {
      PG_REQUIRE(subject.ring.open(subject.cryptograms[done % subject.cryptograms.size()]));
      ++done;
    }
    spent = std::chrono::steady_clock::now() - start;
  }
  return static_cast<double>(done) / std::chrono::duration<double>(spent).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// Keeps this process on the core it is on. False when it may not.
bool pin() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<std::size_t>(std::max(sched_getcpu(), 0)), &cores);
  return sched_setaffinity(0, sizeof cores, &cores) == 0;
}

bool read_number(std::string_view text, int low, int high, int& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out >= low && out <= high;
}

bool read_options(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    int number = 0;
    if (word == "--json") {
      options.json = true;
    } else if (word == "--rounds" && read_number(value, 5, 1000, number)) {
      options.rounds = number;
      ++i;
    } else if (word == "--round-ms" && read_number(value, 10, 10000, number)) {
      options.round = milliseconds(number);
      ++i;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, options)) {
    fmt::print(stderr, "usage: bench_vas [--rounds 5..1000] [--round-ms 10..10000] [--json]\n");
    return EX_USAGE;
  }
  const bool pinned = pin();
  const Subject subject = make_subject();
  std::vector<double> open;
  std::vector<double> raw;
  std::vector<double> ratios;
  opened_per_second(subject, options.round);  // warm: caches, clock speed
  for (int i = 0; i < options.rounds; ++i) {
    open.push_back(opened_per_second(subject, options.round));
    raw.push_back(crypto::raw_ecdh_per_second(options.round));
    ratios.push_back(open.back() / raw.back());
  }
  const double opens = median(open);
  const double derives = median(raw);
  if (options.json) {
    fmt::print(
        "{{\"vas_open_per_s\":{:.0f},\"raw_ecdh_per_s\":{:.0f},\"ratio\":{:.3f},"
        "\"rounds\":{},\"round_ms\":{},\"pinned\":{}}}\n",
        opens, derives, median(ratios), options.rounds, options.round.count(), pinned);
    return EX_OK;
  }
  fmt::print("{} rounds of {} ms each in turn, medians{}\n", options.rounds, options.round.count(),
             pinned ? ", one core" : " (could not stay on one core)");
  fmt::print("open one VAS cryptogram  {:8.0f}/s  {:6.1f} us\n", opens, 1e6 / opens);
  fmt::print("EVP_PKEY_derive alone    {:8.0f}/s  {:6.1f} us\n", derives, 1e6 / derives);
  fmt::print("ratio                    {:8.3f}\n", median(ratios));
  return EX_OK;
}
