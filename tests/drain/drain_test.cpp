// SPDX-License-Identifier: Apache-2.0
// Redemptions made while the network was away, brought home through a bad one:
// the program itself, a sandbox cloud over HTTP, 20 % of all requests go wrong.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "runtime/socket_client.h"
#include "runtime/system_clock.h"
#include "sim/cloud/sandbox_cloud.h"
#include "sim/http/server.h"
#include "sim/http/target.h"
#include "tests/sync/fake_core.h"
#include "tests/sync/kit.h"
#include "tests/sync/syncd.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;
using std::chrono::seconds;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kTaps = 400;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::uint64_t kTaps = 400;
#else
constexpr std::uint64_t kTaps = 10'000;
#endif
#else
constexpr std::uint64_t kTaps = 10'000;
#endif
// Ways that only differ in part from one that drains them all.
constexpr std::uint64_t kFewerTaps = std::max<std::uint64_t>(kTaps / 5, 400);
// A drain of fewer uses is killed more often, or it would be over before.
constexpr Milliseconds kKilledEvery{kTaps < 10'000 ? 700 : 1000};
constexpr std::uint64_t kUsesOfAPass = 4;
constexpr std::uint64_t kTapsAtOnce = 400;
constexpr std::string_view kKey = "pmk_test_91dbb1e7af9c80aba6ed3f95a1545b4e";
constexpr std::string_view kToken = "token-of-one-scanner";
// A fifth of everything: refused, lost before, lost after, cut off in the middle.
constexpr std::string_view kFaults = "503~5,429~2,drop-before~5,drop-after~5,cut-off~3";

/// One way to record a use.
struct Way {
  std::string name;
  std::string kind;
  std::string pass_template;
  std::string account;  ///< TOML line, or none.
  std::string redeem;   ///< TOML of the inline table's members.
  std::string base;     ///< What the sandbox's URL is followed by.
  /// The tap that an effect at the cloud came from; empty: the cloud keeps no mark.
  std::string (*mark)(const json& effect);
  std::string effect = "patch";  ///< The kind of effect that counts.
  std::uint64_t taps = kTaps;
  std::string more = {};  ///< More of the provider's TOML.
};
std::ostream& operator<<(std::ostream& to, const Way& way) {
  return to << way.name;
}

std::string in_fields(const json& effect) {
  return effect.value(json::json_pointer("/fields/scan"), "");
}
std::string in_metadata(const json& effect) {
  return effect.value(json::json_pointer("/metadata/last_scan_id"), "");
}
std::string in_comment(const json& effect) {
  const auto comment = effect.value("comment", "");
  return comment.starts_with("scan:") ? comment.substr(5, 36) : "";
}
std::string no_mark(const json&) {
  return "";
}

const Way kPassNinja{.name = "PassNinjaPatch",
                     .kind = "passninja",
                     .pass_template = "ptk_0x14",
                     .account = "account_id = \"aid_0xa01\"",
                     .redeem = R"(mode = "patch", fields = { scan = "{tap_id}" })",
                     .base = "/v1",
                     .mark = in_fields};
const Way kPassmintPatch{.name = "PassmintPatch",
                         .kind = "passmint",
                         .pass_template = "tmpl_1",
                         .account = "",
                         .redeem = R"(mode = "patch")",
                         .base = "",
                         .mark = in_metadata};
const Way kPassmintScan{
    .name = "PassmintScan",
    .kind = "passmint",
    .pass_template = "tmpl_1",
    .account = "",
    .redeem = R"(mode = "scan", token = "file:token", scanner_name = "sandbox scanner")",
    .base = "",
    .mark = no_mark,
    .effect = "redeem"};
const Way kPassmintBoth{
    .name = "PassmintBoth",
    .kind = "passmint",
    .pass_template = "tmpl_1",
    .account = "",
    .redeem = R"(mode = "both", token = "file:token", scanner_name = "sandbox scanner")",
    .base = "",
    .mark = in_metadata,
    .taps = kFewerTaps};
const Way kPassinstance{
    .name = "PassinstanceUpdate",
    .kind = "passinstance",
    .pass_template = "tpl_1",
    .account = "",
    .redeem = R"(mode = "update", fields = { scan = "{tap_id}" })",
    .base = "",
    .mark = in_fields,
    .more =
        "get_path = \"/passes/{id}\"\nlist = { path = "
        "\"/passes?templateId={template}&page={page}&limit={page_size}\", next = "
        "\"/nextPage\" }\n"};
const Way kPassworks{.name = "PassworksRedeem",
                     .kind = "passworks",
                     .pass_template = "event_tickets/4711",
                     .account = "account_id = \"acc\"",
                     .redeem = R"(mode = "redeem")",
                     .base = "/v2",
                     .mark = in_comment,
                     .effect = "redeem"};
const Way kPassworksCount{.name = "PassworksRedeemConfirmedByCount",
                          .kind = "passworks",
                          .pass_template = "event_tickets/4711",
                          .account = "account_id = \"acc\"",
                          .redeem = R"(mode = "redeem", confirm = "count")",
                          .base = "/v2",
                          .mark = in_comment,
                          .effect = "redeem",
                          .taps = kFewerTaps};
const Way kPassNinjaScan{.name = "PassNinjaScan",
                         .kind = "passninja",
                         .pass_template = "ptk_0x14",
                         .account = "account_id = \"aid_0xa01\"",
                         .redeem = R"(mode = "scan", token = "file:token")",
                         .base = "/v1",
                         .mark = no_mark,
                         .effect = "redeem",
                         .taps = kFewerTaps};

json passes_of(const Way& way, std::uint64_t count) {
  json passes = json::array();
  for (std::uint64_t i = 0; i < count; ++i) {
    passes.push_back({{"serial", fmt::format("serial-{:05}", i)},
                      {"id", way.kind == "passninja" ? fmt::format("serial-{:05}", i)
                                                     : fmt::format("pass_{:05}", i)}});
  }
  return {{"templates",
           {{{"id", way.pass_template},
             {"keys", {"scan"}},
             {"policy", {{"mode", "reusable"}}},
             {"passes", std::move(passes)}}}}};
}

struct DrainTest : ::testing::TestWithParam<Way> {
  const Way& way = GetParam();
  const std::uint64_t passes = way.taps / kUsesOfAPass;
  // In memory where there is such a place: SIGKILL loses no page that was written,
  // and 40 000 commits to a disk would be a test of the disk.
  TempDir folder{std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp"};
  runtime::SystemClock clock;
  std::mutex mutex;
  std::condition_variable answered;
  std::uint64_t answers = 0;
  std::unique_ptr<sim::PassBook> book =
      std::make_unique<sim::PassBook>(sim::PassBook::read(passes_of(way, passes)).value());
  std::unique_ptr<sim::CloudApi> api =
      sim::make_cloud_api({.kind = way.kind,
                           .account_id = way.kind == "passninja" ? "aid_0xa01" : "acc",
                           .api_key = secret(kKey),
                           .max_per_page = 100,
                           .reader_token = secret(kToken),
                           .rescan_window_s = 0},
                          *book, clock)
          .value();
  sim::SandboxCloud cloud{
      std::move(book), std::move(api), 0, sim::FaultPlan::parse(kFaults).value(), {}, clock};
  sim::HttpServer server = sim::HttpServer::start({}, {}, [this](const auto& request) {
                             auto response = [&] {
                               const std::lock_guard lock(mutex);
                               ++answers;
                               return cloud.answer(request);
                             }();
                             answered.notify_all();
                             return response;
                           }).value();
  std::map<std::string, std::vector<std::string>> expected;  ///< By serial, in order.
  std::unique_ptr<FakeCore> gate_side;

  std::filesystem::path config() {
    folder.write("key", kKey);
    folder.write("token", kToken);
    const bool passninja = way.kind == "passninja";
    return folder.write(
        "passgate.toml",
        fmt::format("[terminal]\nid = \"gate-a1\"\nstate_dir = \"state\"\nruntime_dir = \"run\"\n"
                    "[[reader]]\nmode = \"wedge\"\n[[pass]]\nname = \"ticket\"\n"
                    "provider = \"main\"\ntemplate = \"{}\"\njoin = \"{}\"\n"
                    "apple = {{ pass_type_id = \"pass.com.example.ticket\", keys = "
                    "[\"file:absent.pem\"] }}\n[[provider]]\nname = \"main\"\nkind = \"{}\"\n"
                    "base_url = \"{}{}\"\n{}\napi_key = \"file:key\"\nmax_rps = 100000\n"
                    "retry_base_ms = 10\n{}redeem = {{ {} }}\n",
                    way.pass_template, passninja ? "id" : "serial", way.kind, server.url(),
                    way.base, way.account, way.more, way.redeem));
  }
  /// Before anybody listens: what the gate did while it was alone.
  void tap_offline() {
    std::filesystem::create_directories(folder / "run/core");
    gate_side = std::make_unique<FakeCore>(folder / "run/core/core.sock");
  }
  /// In batches, as passgated streams its journal.
  bool stream_journal() {
    for (std::uint64_t first = 1; first <= way.taps; first += kTapsAtOnce) {
      std::vector<gate::TapRecord> batch;
      const auto last = std::min(way.taps, first + kTapsAtOnce - 1);
      for (auto position = first; position <= last; ++position) batch.push_back(tap(position));
      gate_side->record(std::move(batch));
      if (!gate_side->wait_for_ack(last)) return false;
    }
    return true;
  }
  gate::TapRecord tap(std::uint64_t position) {
    // 7919 and the number of passes have no common divisor: neighbours in the
    // journal are different passes, and every pass comes as often as any other.
    const auto serial = fmt::format("serial-{:05}", position * 7919 % passes);
    auto made = tap_at(position, serial);
    made.pass_template = way.pass_template;
    made.provider = "main";
    expected[serial].push_back(made.tap_id.text());
    return made;
  }
  std::unique_ptr<Syncd> start(const std::filesystem::path& file) {
    return std::make_unique<Syncd>(std::vector<std::string>{"--config", file.string()},
                                   folder / "errors");
  }
  json status() const {
    auto client = runtime::SocketClient::connect(folder / "run/sync/sync.sock");
    if (!client) return {};
    const auto told = client->ask({{"type", "status"}}, seconds(30));
    return told ? json((*told)["providers"][0]) : json();
  }
  /// Until nothing is queued any more, or `end`.
  bool drained_by(MonoTime end) {
    while (clock.monotonic() < end) {
      const auto now = status();
      if (now.is_object() && now.value("queued", 1) == 0) return true;
      // Not after every answer: counting what is queued holds up the drain.
      std::unique_lock lock(mutex);
      const auto enough = answers + 500;
      answered.wait_until(lock, std::min(end, clock.monotonic() + Milliseconds(300)),
                          [&] { return answers >= enough; });
    }
    return false;
  }
  json at_the_cloud() {
    const std::lock_guard lock(mutex);
    sim::HttpRequest look;
    look.method = "GET";
    look.target = sim::parse_target("/_sim/state?touched=1").value();
    return json::parse(cloud.answer(look).body)["templates"][way.pass_template];
  }
  /// Effects of the kind that counts, by serial; their marks.
  std::map<std::string, std::vector<std::string>> counted() {
    std::map<std::string, std::vector<std::string>> marks;
    const auto passes_there = at_the_cloud();
    for (const auto& [serial, pass] : passes_there.items()) {
      for (const auto& effect : pass["effects"]) {
        if (effect["what"] == way.effect) marks[serial].push_back(way.mark(effect));
      }
    }
    return marks;
  }
  std::string errors() const {
    std::ifstream file(folder / "errors");
    std::string text;
    for (std::string line; std::getline(file, line) && text.size() < 4000;) text += line + "\n";
    return text;
  }
  void expect_each_once_in_order() {
    const auto found = counted();
    EXPECT_EQ(found.size(), expected.size()) << errors();
    std::size_t wrong = 0;
    for (const auto& [serial, taps] : expected) {
      const auto at = found.find(serial);
      const auto marks = at == found.end() ? std::vector<std::string>{} : at->second;
      const bool marked = way.mark != no_mark;
      const bool right = marked ? marks == taps : marks.size() == taps.size();
      if (!right && ++wrong < 4) {
        ADD_FAILURE() << serial << ": " << json(marks) << " is not " << json(taps);
      }
    }
    EXPECT_EQ(wrong, 0U);
    const auto now = status();
    EXPECT_EQ(now["refused"], 0) << errors();
    EXPECT_EQ(now["ambiguous"], 0) << errors();
  }
};

struct ExactDrain : DrainTest {};
struct AmbiguousDrain : DrainTest {};

TEST_P(ExactDrain, CountsEachRedemptionOnceInOrderThroughABadNetwork) {
  tap_offline();
  const auto daemon = start(config());
  ASSERT_TRUE(stream_journal()) << errors();
  ASSERT_TRUE(drained_by(clock.monotonic() + seconds(500))) << status() << errors();
  expect_each_once_in_order();
}

TEST_P(ExactDrain, CountsEachRedemptionOnceInOrderThoughItIsKilledEverySecond) {
  tap_offline();
  const auto file = config();
  auto daemon = start(file);
  ASSERT_TRUE(stream_journal()) << errors();
  unsigned kills = 0;
  const auto end = clock.monotonic() + seconds(500);
  while (!drained_by(clock.monotonic() + kKilledEvery)) {
    ASSERT_LT(clock.monotonic(), end) << status() << errors();
    daemon->send(SIGKILL);
    daemon->wait();
    ++kills;
    daemon = start(file);
  }
  EXPECT_GT(kills, 0U);
  expect_each_once_in_order();
}

INSTANTIATE_TEST_SUITE_P(, ExactDrain,
                         ::testing::Values(kPassNinja, kPassmintPatch, kPassmintScan, kPassmintBoth,
                                           kPassinstance, kPassworks, kPassworksCount),
                         [](const auto& tested) { return tested.param.name; });

/// PassNinja's scans have neither a key nor a log that could be read: a scan whose
/// answer was lost is sent again, and reported.
TEST_P(AmbiguousDrain, ReportsEveryRedemptionThatMayHaveBeenCountedTwice) {
  tap_offline();
  const auto daemon = start(config());
  ASSERT_TRUE(stream_journal()) << errors();
  ASSERT_TRUE(drained_by(clock.monotonic() + seconds(500))) << status() << errors();
  std::uint64_t accepted = 0;
  for (const auto& [serial, marks] : counted()) accepted += marks.size();
  const auto now = status();
  EXPECT_EQ(now["refused"], 0) << errors();
  EXPECT_GT(now["ambiguous"], 0);
  EXPECT_GT(accepted, way.taps) << "the sandbox deduplicated what the vendor does not";
  EXPECT_LE(accepted - way.taps, now["ambiguous"].get<std::uint64_t>() * 8);
}

INSTANTIATE_TEST_SUITE_P(, AmbiguousDrain, ::testing::Values(kPassNinjaScan),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace passgate::sync::test
