// SPDX-License-Identifier: Apache-2.0
// Whom the configuration lets ask, and whom it has us ask, with their secrets.
#include "sync/setup.h"

#include <gmock/gmock.h>

#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kConfig = R"([terminal]
id = "gate-a1"
[[pass]]
name = "season"
template = "ptk_0x14"
apple = { pass_type_id = "p", keys = ["file:absent.pem"] }
[[pass]]
name = "season-vip"
template = "ptk_0x14"
apple = { pass_type_id = "q", keys = ["file:absent.pem"] }
[[pass]]
name = "far"
apple = { pass_type_id = "r", keys = ["remote:cloud"] }
[[decrypt_service]]
name = "cloud"
url = "https://cloud.example/v1"
account_id = "aid_0xa01"
api_key = "file:cloud-key"
timeout_ms = 700
[http]
listen = ["127.0.0.1:8470"]
hosts = ["gate-a1.example"]
[[http.client]]
account_id = "pos"
api_key = "file:pos-key"
roles = ["decrypt", "display"]
templates = ["season"]
max_rps = 7
[[http.client]]
account_id = "boss"
api_key = "file:boss-key"
roles = ["operator", "metrics"]
)";

using Made = std::expected<Setup, std::vector<runtime::ConfigProblem>>;

struct SetupTest : ::testing::Test {
  TempDir folder;

  Made set_up_all() {
    const auto config = runtime::load_config(folder.write("passgate.toml", kConfig));
    EXPECT_TRUE(config) << config.error().front().text();
    return set_up(config.value(), "");
  }
  void SetUp() override {
    for (const auto* name : {"cloud-key", "pos-key", "boss-key"}) folder.write(name, name);
  }
};

TEST_F(SetupTest, KnowsClientsWithTheirKeysAndATemplateByAllItsNames) {
  const auto setup = set_up_all();
  ASSERT_TRUE(setup) << setup.error().front().text();
  ASSERT_EQ(setup->clients.size(), 2U);
  const auto& pos = setup->clients[0];
  EXPECT_EQ(pos.account_id, "pos");
  EXPECT_EQ(text_of(pos.api_key.expose()), "pos-key");
  EXPECT_THAT(pos.roles, ElementsAre(Role::decrypt, Role::display));
  EXPECT_THAT(pos.templates, ElementsAre("ptk_0x14", "season"));
  EXPECT_EQ(pos.max_rps, 7);
  EXPECT_THAT(setup->clients[1].roles, ElementsAre(Role::operate, Role::metrics));
  EXPECT_THAT(setup->clients[1].templates, IsEmpty());
  EXPECT_THAT(setup->hosts, ElementsAre("gate-a1.example"));
}

TEST_F(SetupTest, KnowsWhoDecryptsForUs) {
  const auto setup = set_up_all();
  ASSERT_TRUE(setup) << setup.error().front().text();
  ASSERT_EQ(setup->decrypt_services.size(), 1U);
  const auto& cloud = setup->decrypt_services[0];
  EXPECT_EQ(cloud.name, "cloud");
  EXPECT_EQ(cloud.url, "https://cloud.example/v1");
  EXPECT_EQ(cloud.account_id, "aid_0xa01");
  EXPECT_EQ(text_of(cloud.api_key.expose()), "cloud-key");
  EXPECT_EQ(cloud.timeout, Milliseconds(700));
}

TEST_F(SetupTest, ReportsEveryKeyThatIsNotToBeHad) {
  folder.write("pos-key", "pos-key", 0644);
  folder.write("cloud-key", "\n");
  std::filesystem::remove(folder / "boss-key");
  const auto setup = set_up_all();
  ASSERT_FALSE(setup);
  EXPECT_EQ(setup.error().size(), 3U);
}

}  // namespace
}  // namespace passgate::sync::test
