// SPDX-License-Identifier: Apache-2.0
// The program itself: sandbox cloud, real subscriber, a gate's journal, real sockets.
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "gate/pass_mirror.h"
#include "runtime/socket_client.h"
#include "sim/cloud/sandbox_cloud.h"
#include "sim/http/server.h"
#include "sim/subscriber/subscriber.h"
#include "tests/sync/fake_core.h"
#include "tests/sync/kit.h"
#include "tests/sync/syncd.h"

namespace passgate::sync::test {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr std::string_view kSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
constexpr Milliseconds kForEver{600'000};  // Longer than a test may take.
constexpr std::string_view kApiKey = "91dbb1e7af9c80aba6ed3f95a1545b4e";

class SystemTime final : public Clock {
 public:
  WallTime now() const override {
    return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
  }
  MonoTime monotonic() const override { return std::chrono::steady_clock::now(); }
  ClockState state() const override { return ClockState::synchronised; }
};

/// What reached a sim server; the test waits for what it expects.
class Arrivals {
 public:
  void note(std::string what) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(what));
    changed_.notify_all();
  }
  /// Until so many different things arrived. False after 30 s.
  bool wait_for(std::size_t different) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(30), [&] {
      return std::set<std::string>(all_.begin(), all_.end()).size() >= different;
    });
  }
  std::vector<std::string> all() {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> all_;
};

struct DaemonTest : ::testing::Test {
  TempDir folder;
  SystemTime clock;
  Arrivals at_cloud;    ///< Method and path.
  Arrivals at_backend;  ///< Bodies of accepted events.
  std::atomic<bool> hang{false};
  sim::SandboxCloud cloud{{.account_id = "aid_0xa01", .api_key = secret(kApiKey)},
                          std::move(*sim::PassBook::read(json::parse(R"({"templates":[
                            {"id":"ptk_0x14","keys":["redeemed-at"],"passes":[
                              {"serial":"aaaaaaaaaaaaaaaaaa","status":"Active"},
                              {"serial":"bbbbbbbbbbbbbbbbbb","status":"Expired"}]}]})"))),
                          {},
                          {},
                          clock};
  sim::Subscriber subscriber{
      {.verifier = std::move(*sim::WebhookVerifier::from_secret(secret(kSecret))),
       .bearer = secret("token")},
      {},
      {},
      clock};
  sim::HttpServer cloud_server =
      std::move(*sim::HttpServer::start({}, {.max_delay = kForEver}, [this](const auto& request) {
        auto response = cloud.answer(request);
        if (hang) response.delay = kForEver;
        at_cloud.note(request.method + fmt::format(" {}", response.status));
        return response;
      }));
  sim::HttpServer backend_server =
      std::move(*sim::HttpServer::start({}, {}, [this](const auto& request) {
        auto response = subscriber.answer(request);
        if (response.status < 300) at_backend.note(request.body);
        return response;
      }));

  std::filesystem::path config() {
    folder.write("key", std::string(kApiKey) + "\n");
    folder.write("hook", kSecret);
    folder.write("token", "token");
    return folder.write("passgate.toml", fmt::format(R"(
[terminal]
id = "gate-a1"
state_dir = "state"
runtime_dir = "run"
[[reader]]
mode = "wedge"
[[pass]]
name = "season-ticket"
provider = "main"
template = "ptk_0x14"
apple = {{ pass_type_id = "pass.com.example.ticket", keys = ["file:absent.pem"] }}
[[provider]]
name = "main"
kind = "passninja"
base_url = "{}/v1"
account_id = "aid_0xa01"
api_key = "file:key"
max_rps = 1000
page_size = 1
timeout_ms = 600000
redeem = {{ mode = "patch", fields = {{ "redeemed-at" = "{{time}}" }} }}
[[subscriber]]
name = "backend"
url = "{}/hooks"
bearer = "file:token"
secrets = ["file:hook"]
retry_base_ms = 1
)",
                                                     cloud_server.url(), backend_server.url()));
  }
  std::unique_ptr<Syncd> start(const std::filesystem::path& file) {
    return std::make_unique<Syncd>(std::vector<std::string>{"--config", file.string()},
                                   folder / "errors");
  }
  std::string errors() const {
    std::ostringstream text;
    text << std::ifstream(folder / "errors").rdbuf();
    return text.str();
  }
  std::unique_ptr<FakeCore> core() {
    std::filesystem::create_directories(folder / "run/core");
    return std::make_unique<FakeCore>(folder / "run/core/core.sock");
  }
  /// Asks until the first sweep is complete. False after 30 s.
  bool swept() const {
    const auto deadline = clock.monotonic() + seconds(30);
    while (clock.monotonic() < deadline) {
      auto client = runtime::SocketClient::connect(folder / "run/sync/sync.sock");
      if (!client) return false;
      const auto status = client->ask({{"type", "status"}}, seconds(30));
      if (!status) return false;
      if ((*status)["providers"][0]["templates"][0]["completed_at"].is_string()) return true;
    }
    return false;
  }
  gate::TapRecord tap(std::uint64_t position, char pass = 'a') {
    return tap_at(position, std::string(18, pass));
  }
};

TEST_F(DaemonTest, TellsBackendAndCloudOfATapAndTheGateOfThePasses) {
  const auto gate_side = core();
  const auto daemon = start(config());
  gate_side->record({tap(1)});
  ASSERT_TRUE(at_backend.wait_for(2)) << errors();  // Scanned and redeemed.
  ASSERT_TRUE(at_cloud.wait_for(2)) << errors();    // GET 200 and PATCH 200.
  ASSERT_TRUE(swept()) << errors();
  ASSERT_TRUE(gate_side->wait_for_ack(1));
  daemon->send(SIGTERM);
  EXPECT_EQ(daemon->wait(), EX_OK) << errors();

  gate::PassMirror mirror(folder / "state/sync/passes.db");
  EXPECT_EQ(mirror.look_up("main", "ptk_0x14", "aaaaaaaaaaaaaaaaaa").state, gate::PassState::valid);
  EXPECT_EQ(mirror.look_up("main", "ptk_0x14", "bbbbbbbbbbbbbbbbbb").state,
            gate::PassState::expired);
  struct stat found{};
  ASSERT_EQ(::stat((folder / "state/sync").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0750U);
}

/// How often each event came first, by subject, in the order of arrival.
std::map<std::string, std::vector<std::string>> first_arrivals(
    const std::vector<std::string>& bodies) {
  std::map<std::string, std::vector<std::string>> by_subject;
  std::set<std::string> seen;
  for (const auto& body : bodies) {
    if (!seen.insert(body).second) continue;
    const auto event = json::parse(body);
    by_subject[event["subject"]].push_back(event["sequence"].get<std::string>() +
                                           event["type"].get<std::string>());
  }
  return by_subject;
}

TEST_F(DaemonTest, LosesNothingAndKeepsTheOrderWhenItIsKilledAgainAndAgain) {
  const auto gate_side = core();
  const auto file = config();
  constexpr std::uint64_t kRounds = 8;
  constexpr std::uint64_t kTapsARound = 10;
  std::uint64_t position = 0;
  for (std::uint64_t round = 1; round <= kRounds; ++round) {
    const auto daemon = start(file);
    for (std::uint64_t i = 0; i < kTapsARound; ++i) {
      ++position;
      gate_side->record({tap(position, position % 2 == 0 ? 'a' : 'b')});
    }
    // In the midst of it: some events are out, some are not, some perhaps.
    ASSERT_TRUE(at_backend.wait_for((round - 1) * 2 * kTapsARound + round)) << errors();
    daemon->send(SIGKILL);
    daemon->wait();
  }
  const auto daemon = start(file);
  ASSERT_TRUE(at_backend.wait_for(2 * position)) << errors();
  daemon->send(SIGTERM);
  EXPECT_EQ(daemon->wait(), EX_OK) << errors();

  const auto by_subject = first_arrivals(at_backend.all());
  EXPECT_EQ(by_subject.size(), 2U);
  for (const auto& [subject, order] : by_subject) {
    EXPECT_EQ(order.size(), position) << subject;
    // "…scanned" must precede "…redeemed" of the same tap; as text it is the other way.
    for (std::size_t i = 0; i + 1 < order.size(); i += 2) {
      EXPECT_EQ(order[i].substr(0, 20), order[i + 1].substr(0, 20));
      EXPECT_TRUE(order[i].ends_with("scanned"));
      if (i == 0) continue;
      EXPECT_LT(order[i - 1].substr(0, 20), order[i].substr(0, 20));
    }
  }
}

TEST_F(DaemonTest, StopsAlthoughTheCloudHangs) {
  hang = true;
  const auto daemon = start(config());
  ASSERT_TRUE(at_cloud.wait_for(1)) << errors();
  daemon->send(SIGTERM);
  EXPECT_EQ(daemon->wait(), EX_OK) << errors();
}

TEST_F(DaemonTest, AnswersForItsStateOnSyncSock) {
  const auto gate_side = core();
  const auto daemon = start(config());
  gate_side->record({tap(7)});
  ASSERT_TRUE(at_backend.wait_for(2)) << errors();
  auto client = runtime::SocketClient::connect(folder / "run/sync/sync.sock");
  ASSERT_TRUE(client) << errors();
  const auto status = client->ask({{"type", "status"}}, seconds(30));
  ASSERT_TRUE(status);
  EXPECT_EQ((*status)["type"], "status");
  EXPECT_EQ((*status)["cursor"], 7);
  EXPECT_EQ((*status)["core"], "connected");
  EXPECT_EQ((*status)["providers"][0]["name"], "main");
  EXPECT_EQ((*status)["providers"][0]["templates"][0]["template"], "ptk_0x14");
  EXPECT_EQ((*status)["subscribers"][0]["name"], "backend");
  EXPECT_EQ((*status)["subscribers"][0]["dead"], 0);
  const auto other = client->ask({{"type", "launch"}}, seconds(30));
  ASSERT_TRUE(other);
  EXPECT_EQ(*other, (runtime::Message{{"type", "error"}, {"error", "bad_value"}}));
}

TEST_F(DaemonTest, RunsWithoutProviderAndWithoutSubscriber) {
  const auto gate_side = core();
  const auto file = folder.write("plain.toml",
                                 "[terminal]\nid = \"a\"\nstate_dir = \"state\"\n"
                                 "runtime_dir = \"run\"\n");
  const auto daemon = start(file);
  gate_side->record({tap(1)});
  EXPECT_TRUE(gate_side->wait_for_ack(1)) << errors();
  daemon->send(SIGINT);
  EXPECT_EQ(daemon->wait(), EX_OK) << errors();
}

TEST_F(DaemonTest, ChecksItsOwnSecretsAndNotTheKeysOfPasses) {
  const auto check = [&](const std::filesystem::path& file) {
    return Syncd({"--check-config", "--config", file.string()}, folder / "errors").wait();
  };
  EXPECT_EQ(check(config()), EX_OK) << errors();
  EXPECT_FALSE(std::filesystem::exists(folder / "state"));
  ::chmod((folder / "key").c_str(), 0640);
  EXPECT_EQ(check(folder / "passgate.toml"), EX_CONFIG);
  EXPECT_NE(errors().find("may be read by others"), std::string::npos) << errors();
  ::chmod((folder / "key").c_str(), 0600);
  folder.write("hook", "whsec_short");
  EXPECT_EQ(check(folder / "passgate.toml"), EX_CONFIG);
  EXPECT_NE(errors().find("no Standard Webhooks secret"), std::string::npos) << errors();
  EXPECT_EQ(errors().find("whsec_short"), std::string::npos);
  EXPECT_EQ(check(folder / "absent.toml"), EX_CONFIG);
  EXPECT_EQ(Syncd({"--nonsense"}, folder / "errors").wait(), EX_USAGE);
}

TEST_F(DaemonTest, SaysWhyItCannotStart) {
  const auto file = config();
  folder.write("state", "a file where a folder belongs");
  EXPECT_EQ(start(file)->wait(), EX_CANTCREAT);
  EXPECT_NE(errors().find("/state: cannot be made or used"), std::string::npos) << errors();
}

TEST_F(DaemonTest, FetchesTheMirrorAnewWhenItIsDamaged) {
  std::filesystem::create_directories(folder / "state/sync");
  folder.write("state/sync/passes.db", std::string(8192, 'x'));
  const auto daemon = start(config());
  ASSERT_TRUE(at_cloud.wait_for(1)) << errors();
  daemon->send(SIGTERM);
  EXPECT_EQ(daemon->wait(), EX_OK) << errors();
  EXPECT_TRUE(std::filesystem::exists(folder / "state/sync/passes.db.damaged"));
}

}  // namespace
}  // namespace passgate::sync::test
