// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "cli/doctor/checks.h"
#include "cli/doctor/finding.h"
#include "cli/doctor/subject.h"
#include "tests/cli/fixture.h"

namespace passgate::cli::doctor {

constexpr const char* kReader = "ACS ACR1252 Dual Reader [PICC] 00 00";

/// A terminal in good health, in a made-up tree; each test breaks one thing.
class Doctor : public testing::Test {
 protected:
  void SetUp() override {
    folder.write("key.pem", read_fixture("keys/test-pkcs8.pem"));
    folder.write("root/etc/group", "root:x:0:\npassgate:x:5000:\n");
    std::filesystem::create_directories(folder / "state/core");
    configure(ticket());
  }

  static std::string ticket(const std::string& key = "file:key.pem") {
    return "[[pass]]\nname = \"ticket\"\npattern = '^(?P<pass_id>.+)$'\n"
           "apple = { pass_type_id = \"pass.com.example.ticket\", keys = [\"" +
           key + "\"] }\n";
  }

  /// @param more  Behind terminal and reader.
  void configure(const std::string& more) {
    const auto file =
        folder.write("passgate.toml",
                     "[terminal]\nid = \"t\"\nstate_dir = \"state\"\nruntime_dir = \"run\"\n"
                     "[[reader]]\nname = \"north-1\"\nmode = \"gate\"\nmatch = \"ACS*\"\n" +
                         more);
    auto config = runtime::load_config(file);
    ASSERT_TRUE(config) << config.error().front().text();
    subject.config = std::move(*config);
    subject.config_file = file;
    subject.root = folder / "root";
    subject.is_root = true;
    subject.readers = std::vector<std::string>{kReader};
    subject.now = from_rfc3339("2026-11-20T19:00:00Z").value();
    subject.core = nlohmann::json::parse(R"({
        "version":"?","uptime_s":60,"pcsc":true,"journal":{"healthy":true},
        "readers":[{"reader":"north-1","name":"?","state":"idle"}],
        "passes":[{"name":"ticket","keys":[{"wallet":"apple","key_id":"a52c4a0d"}]}]})");
    (*subject.core)["version"] = PASSGATE_VERSION;
    (*subject.core)["readers"][0]["name"] = kReader;
    subject.sync = nlohmann::json{{"version", PASSGATE_VERSION}, {"core", "connected"}};
  }

  /// The only finding of a check.
  Finding only(Findings (*check)(const Subject&)) const {
    const Findings found = check(subject);
    EXPECT_EQ(found.size(), 1U) << page(found);
    return found.empty() ? Finding{} : found.front();
  }

  /// What a check must say: how bad, in what words, and the command.
  static void expect(const Finding& found, Health health, const std::string& detail,
                     const std::string& mend = "") {
    EXPECT_EQ(found.health, health) << page({found});
    EXPECT_NE(found.detail.find(detail), std::string::npos) << found.detail;
    EXPECT_NE(found.mend.find(mend), std::string::npos) << found.mend;
    EXPECT_EQ(found.mend.empty(), health == Health::ok) << found.mend;
  }

  TempFolder folder;
  Subject subject;
};

}  // namespace passgate::cli::doctor
