// SPDX-License-Identifier: Apache-2.0
// Two terminals as they are installed: passgated, passgate-syncd and a reader each.
// Both admit the same passes while apart, then hear of each other.
#include <gtest/gtest.h>
#include <sysexits.h>

#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "crypto/vas_key_ring.h"
#include "crypto/vas_phone.h"
#include "runtime/socket_client.h"
#include "sim/demo/process.h"
#include "sim/http/server.h"
#include "sim/reader/pcscd_rig.h"
#include "tests/rig/temp_folder.h"

namespace passgate {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr const char* kPassType = "pass.com.example.ticket";
constexpr const char* kHook = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// The bodies that subscribers were sent.
class Backend {
 public:
  std::string url() const { return server_.url(); }
  /// Once so many have come; what came, if they do not.
  std::vector<std::string> bodies(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 60s, [&] { return bodies_.size() >= count; });
    return bodies_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> bodies_;
  sim::HttpServer server_ = std::move(*sim::HttpServer::start({}, {}, [this](const auto& request) {
    const std::lock_guard lock(mutex_);
    bodies_.push_back(request.body);
    changed_.notify_all();
    return sim::HttpResponse{.status = 204, .body = {}, .content_type = {}};
  }));
};

struct Ended {
  int exit_code;
  std::vector<std::string> lines;
};

/// One terminal and its folder.
class Terminal {
 public:
  Terminal(const std::string& name, const sim::VirtualReaderRig& rig, std::size_t reader,
           const std::string& pem, const std::string& backend)
      : card_(rig.card(reader)) {
    folder_.write("key.pem", pem);
    folder_.write("hook", kHook);
    folder_.write("token", "token");
    config_ = folder_.write(
        "passgate.toml",
        "[terminal]\nid = \"" + name +
            "\"\nstate_dir = \"state\"\nruntime_dir = \"run\"\n"
            "[[reader]]\nname = \"gate\"\nmatch = \"" +
            rig.names()[reader] +
            "\"\nmode = \"gate\"\nzone = \"north\"\n[[pass]]\nname = \"ticket\"\n"
            "template = \"ptk_0x14\"\npattern = '^(?P<pass_id>.+)$'\nmax_skew_s = 0\n"
            "apple = { pass_type_id = \"" +
            kPassType +
            "\", keys = [\"file:key.pem\"] }\n[keyboard]\ndevice = \"none\"\n"
            "[[subscriber]]\nname = \"backend\"\nurl = \"" +
            backend +
            "/hooks\"\nevents = [\"passgate.pass.conflict\"]\nbearer = \"file:token\"\n"
            "secrets = [\"file:hook\"]\nretry_base_ms = 10\n");
    for (const char* program : {"/passgated", "/passgate-syncd"}) {
      auto started = sim::Process::start(
          {.command = {std::string(PASSGATE_BIN_DIR) + program, "--config", config_.string()},
           .environment = {{"PCSCLITE_CSOCK_NAME", rig.socket()}},
           .log = folder_ / "log"});
      EXPECT_TRUE(started);
      if (started) daemons_.push_back(std::move(*started));
    }
  }

  /// Until the reader waits for a card.
  bool becomes_ready() const {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (std::chrono::steady_clock::now() < deadline) {
      auto client = runtime::SocketClient::connect(folder_ / "run/core/core.sock");
      const auto status =
          client ? client->ask({{"type", "status"}}, 5s) : std::unexpected(client.error());
      if (status && status->at("readers").size() == 1 &&
          status->at("readers")[0].at("state") == "idle") {
        return true;
      }
      std::this_thread::sleep_for(5ms);
    }
    ADD_FAILURE() << folder_.read("log");
    return false;
  }
  /// A phone is held to the reader until it is released.
  void tap(const std::string& pass_id) const {
    const auto ended =
        run({"/passgate-sim", "tap", "--reader", card_.string(), "--pass-type-id", kPassType,
             "--key", (folder_ / "key.pem").string(), "--payload", pass_id});
    EXPECT_EQ(ended.exit_code, EX_OK);
  }
  /// Everything it did, once that are so many records.
  std::vector<std::string> records(std::size_t count) const {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    for (;;) {
      auto all = passgate({"taps", "--all", "--json"}).lines;
      if (all.size() >= count || std::chrono::steady_clock::now() > deadline) return all;
      std::this_thread::sleep_for(5ms);
    }
  }
  /// @return The summary.
  json merge(const std::vector<std::string>& lines) const {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    const auto file = folder_.write("other.jsonl", text);
    const Ended ended = passgate({"merge", file.string(), "--json"});
    EXPECT_EQ(ended.exit_code, EX_OK) << folder_.read("log");
    return ended.lines.empty() ? json::object() : json::parse(ended.lines.back());
  }
  Ended passgate(std::vector<std::string> words) const {
    words.insert(words.begin(), "/passgate");
    words.insert(words.end(), {"--config", config_.string()});
    return run(std::move(words));
  }

 private:
  Ended run(std::vector<std::string> words) const {
    words.front().insert(0, PASSGATE_BIN_DIR);
    auto process =
        sim::Process::start({.command = words, .environment = {}, .log = folder_ / "log"});
    Ended ended{-1, {}};
    if (!process) return ended;
    while (const auto line = process->read_line(30s)) ended.lines.push_back(*line);
    ended.exit_code = process->wait(30s).value_or(-1);
    return ended;
  }

  test::TempFolder folder_;
  std::filesystem::path card_, config_;
  std::vector<sim::Process> daemons_;
};

std::string member(const std::string& line, const char* name) {
  return json::parse(line).value(name, "");
}

TEST(TerminalsMeet, BothReportTheSameConflictsWhateverTheOrderOfUpload) {
  const auto rig = sim::VirtualReaderRig::start({.readers = 2});
  ASSERT_TRUE(rig) << name(rig.error().code());
  Backend backend;
  const SecretBytes pem = crypto::new_private_key_pem();
  const std::string key(text_of(pem.expose()));
  const Terminal a("gate-a", **rig, 0, key, backend.url());
  const Terminal b("gate-b", **rig, 1, key, backend.url());
  ASSERT_TRUE(a.becomes_ready() && b.becomes_ready());

  for (const Terminal* gate : {&a, &b}) {
    gate->tap("seat42");
    gate->tap("seat43");
  }
  const auto of_a = a.records(2);
  const auto of_b = b.records(2);
  ASSERT_EQ(of_a.size(), 2U);
  ASSERT_EQ(of_b.size(), 2U);
  for (const auto& line : of_a) EXPECT_EQ(member(line, "decision"), "admit");
  for (const auto& line : of_b) EXPECT_EQ(member(line, "decision"), "admit");

  // At one gate all at once, at the other one by one, the last first, some twice.
  EXPECT_EQ(a.merge(of_b).at("conflicts"), 2);
  EXPECT_EQ(b.merge({of_a[1]}).at("conflicts"), 1);
  EXPECT_EQ(b.merge({of_a[0], of_a[1]}).at("conflicts"), 1);
  EXPECT_EQ(b.merge(of_a).at("new"), 0);
  EXPECT_EQ(a.merge(of_b).at("conflicts"), 0);

  const auto bodies = backend.bodies(4);
  ASSERT_EQ(bodies.size(), 4U);
  EXPECT_EQ(std::set<std::string>(bodies.begin(), bodies.end()).size(), 2U)
      << "the same bytes from both:\n"
      << bodies[0] << '\n'
      << bodies[1] << '\n'
      << bodies[2] << '\n'
      << bodies[3];
  for (const std::string& body : bodies) {
    const json event = json::parse(body);
    EXPECT_EQ(event.at("type"), "passgate.pass.conflict");
    EXPECT_EQ(event.at("data").at("conflict"), "duplicate_offline");
  }
  // Told, but nobody is put out: what was admitted stands, and the pass is used.
  EXPECT_EQ(a.records(4).size(), 4U);
  const auto page = a.passgate({"pass", "ticket", "seat42", "--json"});
  ASSERT_FALSE(page.lines.empty());
  EXPECT_EQ(json::parse(page.lines.back()).at("history").at("uses"), 2);
}

}  // namespace
}  // namespace passgate
