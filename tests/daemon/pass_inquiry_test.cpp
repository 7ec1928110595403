// SPDX-License-Identifier: Apache-2.0
// "Why was this pass refused?", with a real journal, a real mirror and a real
// configuration.
#include "daemon/pass_inquiry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/vas_phone.h"
#include "tests/gate/mirror_writer.h"
#include "tests/gate/sample_taps.h"
#include "tests/rig/flow_rig.h"
#include "tests/rig/temp_folder.h"

namespace passgate::daemon {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr const char* kConfig = R"toml(
[terminal]
id = "gate-a1"
state_dir = "state"
runtime_dir = "run"
[[reader]]
name = "north-1"
match = "ACS 1*"
mode = "gate"
zone = "north"
[[reader]]
name = "north-2"
match = "ACS 2*"
mode = "gate"
zone = "north"
[[reader]]
match = "ACS 3*"
mode = "gate"
zone = "vip"
[[reader]]
name = "bar"
match = "ACS 4*"
mode = "wedge"
[[reader]]
name = "staff-1"
match = "ACS 5*"
mode = "gate"
zone = "staff"
passes = ["staff"]
[[pass]]
name = "season-ticket"
provider = "main"
template = "ptk_0x14"
pattern = '^(?P<pass_id>.+)$'
zones = ["north"]
apple = { pass_type_id = "pass.com.example.ticket", keys = ["file:key.pem"] }
[[pass]]
name = "staff"
pattern = '^(?P<pass_id>.+)$'
apple = { pass_type_id = "pass.com.example.staff", keys = ["file:key.pem"] }
[[provider]]
name = "main"
kind = "passninja"
base_url = "https://api.example/v1"
account_id = "a"
api_key = "file:key.pem"
)toml";

class Inquiry : public testing::Test {
 protected:
  Inquiry() {
    const SecretBytes pem = crypto::new_private_key_pem();
    folder_.write("key.pem", text_of(pem.expose()));
    const auto loaded = runtime::load_config(folder_.write("passgate.toml", kConfig));
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().front().text());
    config_ = *loaded;
    terms_ = load_pass_terms(config_, {}).value();
    clock_.time = gate::evening() + 1h;
  }
  json ask(const std::string& pass_template, const std::string& pass_id) {
    const PassInquiry inquiry(config_, terms_,
                              {.journal = journal_,
                               .mirror = mirror_,
                               .clock = clock_,
                               .zones = zones_,
                               .boot_id = "boot"});
    const auto answer =
        inquiry.answer({{"type", "pass"}, {"template", pass_template}, {"pass_id", pass_id}});
    return answer ? *answer : json(name(answer.error().code()));
  }
  gate::MirrorWriter& list() {
    if (!writer_) writer_.emplace(folder_ / "passes.db");
    return *writer_;
  }

  test::TempFolder folder_;
  runtime::Config config_;
  std::vector<PassTerms> terms_;
  std::vector<terms::CountedZone> zones_;
  gate::Journal journal_ =
      std::move(gate::Journal::open({.path = folder_ / "journal.db", .vfs = {}}).value());
  gate::PassMirror mirror_{folder_ / "passes.db"};
  test::StandingClock clock_;
  std::optional<gate::MirrorWriter> writer_;
};

TEST_F(Inquiry, SaysWhyAPassWouldBeAdmittedHereAndRefusedThere) {
  list().pass("838b", "valid", gate::evening() - 24h, gate::evening() + 24h);
  list().sweep_completed(gate::evening());
  const json answer = ask("ptk_0x14", "838b");
  EXPECT_EQ(answer.at("pass"), "season-ticket");
  EXPECT_EQ(answer.at("provider"), "main");
  EXPECT_EQ(answer.at("belief"), (json{{"knowledge", "listed"},
                                       {"state", "valid"},
                                       {"valid_from", "2026-11-19T19:04:11.482Z"},
                                       {"valid_until", "2026-11-21T19:04:11.482Z"},
                                       {"swept_at", "2026-11-20T19:04:11.482Z"}}));
  EXPECT_EQ(answer.at("history"), (json{{"uses", 0}, {"inside", 0}}));
  // Neither the till nor the readers for another pass.
  EXPECT_EQ(answer.at("now"), (json{{{"zone", "north"},
                                     {"direction", "entry"},
                                     {"readers", {"north-1", "north-2"}},
                                     {"decision", "admit"},
                                     {"reason", "ok"},
                                     {"use", 1}},
                                    {{"zone", "vip"},
                                     {"direction", "entry"},
                                     {"readers", {"ACS 3*"}},
                                     {"decision", "deny"},
                                     {"reason", "wrong_gate"}}}));
  EXPECT_EQ(answer.at("taps"), json::array());
}

TEST_F(Inquiry, TellsTheStoryOfAPassThatWasUsed) {
  for (std::uint64_t n = 1; n <= 12; ++n) {
    ASSERT_TRUE(journal_.record(gate::tap(n, "838b", n == 1 ? std::optional(1U) : std::nullopt),
                                std::nullopt));
    ASSERT_TRUE(journal_.record(gate::tap(100 + n, "other", std::nullopt), std::nullopt));
  }
  list().pass("838b", "valid");
  list().sweep_completed(gate::evening());
  const json answer = ask("season-ticket", "838b");
  EXPECT_EQ(answer.at("template"), "ptk_0x14");
  EXPECT_EQ(answer.at("history"), (json{{"uses", 1},
                                        {"inside", 1},
                                        {"first_use", "2026-11-20T19:04:11.483Z"},
                                        {"first_reader", "north-1"},
                                        {"last_entry", "2026-11-20T19:04:11.483Z"}}));
  EXPECT_EQ(answer.at("now")[0].at("reason"), "already_redeemed");
  ASSERT_EQ(answer.at("taps").size(), PassInquiry::kTaps);
  EXPECT_EQ(answer.at("taps")[0].at("position"), 23);
  EXPECT_EQ(answer.at("taps")[9].at("position"), 5);
  for (const json& tap : answer.at("taps")) EXPECT_EQ(tap.at("pass_id"), "838b");
}

TEST_F(Inquiry, TellsWhatIsNotKnownFromWhatIsNotChecked) {
  EXPECT_EQ(ask("ptk_0x14", "x").at("belief"), (json{{"knowledge", "no_mirror"}}));
  EXPECT_EQ(ask("ptk_0x14", "x").at("now")[0].at("reason"), "stale_cache");
  list().sweep_completed(gate::evening());
  EXPECT_EQ(ask("ptk_0x14", "x").at("belief").at("knowledge"), "not_listed");
  EXPECT_EQ(ask("ptk_0x14", "x").at("now")[0].at("reason"), "unknown");
  clock_.time = gate::evening() + 25h;
  EXPECT_EQ(ask("ptk_0x14", "x").at("now")[0].at("reason"), "stale_cache");
  const json staff = ask("staff", "x");
  EXPECT_EQ(staff.at("provider"), json());
  EXPECT_EQ(staff.at("belief"), (json{{"knowledge", "no_provider"}}));
  EXPECT_EQ(staff.at("now").size(), 3U);
  EXPECT_EQ(staff.at("now")[2].at("readers"), json{"staff-1"});
}

TEST_F(Inquiry, RefusesWhatItCannotAnswer) {
  EXPECT_EQ(ask("nobody", "x"), "not_listed");
  EXPECT_EQ(ask("staff", ""), "bad_value");
  EXPECT_EQ(ask("staff", std::string(129, 'x')), "bad_value");
}

}  // namespace
}  // namespace passgate::daemon
