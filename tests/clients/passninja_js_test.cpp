// SPDX-License-Identifier: Apache-2.0
// PassNinja's own client for Node.js, unmodified, sent to this terminal by the
// proxy it takes from the environment.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/rig/decrypting_terminal.h"

namespace passgate::test {
namespace {

using nlohmann::json;

struct PassNinjaJs : ::testing::Test {
  DecryptingTerminal terminal;
  const WallTime stamp = from_rfc3339("2026-11-20T09:59:58Z").value();
  const std::string payload = terminal.sealed("838b8cf60dac2bfad9", stamp);

  void SetUp() override { ASSERT_TRUE(terminal.wait()) << terminal.said(); }

  json decrypt(std::string_view pass_template, std::string_view hex,
               std::string_view key = DecryptingTerminal::kApiKey) {
    const auto proxy = fmt::format("http://127.0.0.1:{}", terminal.port());
    auto node = sim::Process::start(
        {.command = {"/usr/bin/env", "node", PASSGATE_SOURCE_DIR "/tests/clients/decrypt.cjs",
                     std::string(pass_template), std::string(hex)},
         .environment = {{"https_proxy", proxy},
                         {"http_proxy", proxy},
                         {"no_proxy", ""},
                         {"PN_ACCOUNT", std::string(DecryptingTerminal::kAccount)},
                         {"PN_KEY", std::string(key)}},
         .log = terminal.folder() / "node.log"});
    if (!node) return "node cannot be started";
    const auto line = node->read_line(std::chrono::seconds(60));
    EXPECT_TRUE(line) << terminal.folder().read("node.log") << "(script/bootstrap installs it)";
    return line ? json::parse(*line) : json();
  }
};

TEST_F(PassNinjaJs, GetsThePayloadOpened) {
  const auto outcome = decrypt(DecryptingTerminal::kTemplate, payload);
  ASSERT_TRUE(outcome.contains("answer")) << outcome << terminal.said();
  EXPECT_EQ(outcome["answer"]["encrypted"], payload);
  EXPECT_EQ(outcome["answer"]["decrypted"], "838b8cf60dac2bfad9");
  EXPECT_EQ(outcome["answer"]["timeOfScan"], "2026-11-20T09:59:58Z");
}

TEST_F(PassNinjaJs, IsToldWhatIsWrong) {
  const auto no_client = decrypt(DecryptingTerminal::kTemplate, payload, "another-key");
  EXPECT_EQ(no_client["status"], 401) << no_client;
  EXPECT_EQ(no_client["body"]["code"], "UA1") << no_client;
  const auto not_here = decrypt("ptk_0x15", payload);
  EXPECT_EQ(not_here["status"], 404) << not_here;
  EXPECT_EQ(not_here["body"]["code"], "MR1") << not_here;
  auto damaged = payload;
  damaged.back() = damaged.back() == '0' ? '1' : '0';
  const auto broken = decrypt(DecryptingTerminal::kTemplate, damaged);
  EXPECT_EQ(broken["status"], 400) << broken;
  EXPECT_EQ(broken["body"]["code"], "IP1") << broken;
}

}  // namespace
}  // namespace passgate::test
