// SPDX-License-Identifier: Apache-2.0
// `passgate keys`: new ones, and what the configuration names.
#include "cli/keys.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sysexits.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/key_survey.h"
#include "crypto/vas_key_ring.h"
#include "runtime/secrets.h"
#include "tests/cli/fixture.h"

namespace passgate::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class KeysNew : public testing::Test {
 protected:
  int run(bool as_json = false) {
    out.str("");
    err.str("");
    return new_key_file(file, folder / "passwd", as_json, out, err);
  }
  Result<SecretBytes> content() const {
    runtime::SecretRef ref;
    ref.path = file;
    return runtime::resolve(ref, {});
  }

  TempFolder folder;
  std::filesystem::path file = folder / "ticket.pem";
  std::ostringstream out;
  std::ostringstream err;
};

TEST_F(KeysNew, MakesAKeyThatPassgatedTakesAndNobodyElseMayRead) {
  ASSERT_EQ(run(), EX_OK) << err.str();
  crypto::VasKeyRing ring{PassTypeId("pass.com.example")};
  const auto pem = content();
  ASSERT_TRUE(pem) << "not too open";
  const auto id = ring.add(*pem);
  ASSERT_TRUE(id);
  EXPECT_THAT(out.str(), HasSubstr("key id  " + to_hex(id->value()) + "\n"));
  EXPECT_THAT(out.str(), HasSubstr("-----BEGIN PUBLIC KEY-----"));
  EXPECT_THAT(out.str(), Not(HasSubstr("PRIVATE")));
}

TEST_F(KeysNew, TellsThePublicHalfAsAppleAndGoogleWantIt) {
  ASSERT_EQ(run(/*as_json=*/true), EX_OK);
  const auto told = nlohmann::json::parse(out.str());
  const auto key = crypto::PublicKey::of_private(*content()).value();
  const auto apple = from_base64(told.at("apple_public_key").get<std::string>()).value();
  EXPECT_EQ(apple.size(), 59U) << "compressed";
  EXPECT_EQ(crypto::PublicKey::read(apple).value(), key);
  EXPECT_EQ(told.at("google_public_key"), key.pem());
  EXPECT_EQ(told.at("key_id"), key_id_text(key));
}

TEST_F(KeysNew, NeverOverwritesAFile) {
  folder.write("ticket.pem", "precious");
  EXPECT_EQ(run(), EX_CANTCREAT);
  EXPECT_EQ(folder.read("ticket.pem"), "precious");
  EXPECT_THAT(err.str(), HasSubstr("never overwritten"));
  std::filesystem::remove(file);
  std::filesystem::create_symlink(folder / "elsewhere", file);
  EXPECT_EQ(run(), EX_CANTCREAT) << "nor where a link leads";
  EXPECT_FALSE(std::filesystem::exists(folder / "elsewhere"));
}

TEST_F(KeysNew, SaysHowToMakeAFolderThatIsMissing) {
  file = folder / "keys/ticket.pem";
  EXPECT_EQ(run(), EX_CANTCREAT);
  EXPECT_THAT(err.str(),
              HasSubstr("sudo install -d -m 0750 -g passgate " + (folder / "keys").string()));
}

TEST_F(KeysNew, GivesTheFileToPassgatedWhenRootMakesIt) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  folder.write("passwd", "root:x:0:0::/:/bin/sh\npassgated:x:4711:4712::/:/bin/false\n");
  ASSERT_EQ(run(), EX_OK) << err.str();
  struct stat made{};
  ASSERT_EQ(::stat(file.c_str(), &made), 0);
  EXPECT_EQ(made.st_uid, 4711U);
  EXPECT_EQ(made.st_mode & 0777, 0600U);
  EXPECT_THAT(out.str(), HasSubstr("of passgated"));
}

TEST_F(KeysNew, SaysWhoseTheFileIsWhereThereIsNoPassgated) {
  ASSERT_EQ(run(), EX_OK);
  EXPECT_THAT(out.str(), HasSubstr(::geteuid() == 0 ? "of root: there is no user passgated here"
                                                    : "passgated has to be given it"));
}

class KeysList : public testing::Test {
 protected:
  std::vector<SurveyedKey> survey(const std::string& passes) {
    const auto config = runtime::load_config(folder.write(
        "passgate.toml", "[terminal]\nid = \"t\"\n[[reader]]\nmode = \"wedge\"\n" + passes));
    EXPECT_TRUE(config) << config.error().front().text();
    return config ? survey_keys(*config) : std::vector<SurveyedKey>{};
  }
  TempFolder folder;
};

TEST_F(KeysList, HasEveryKeyOfBothWalletsWithItsId) {
  folder.write("a.pem", read_fixture("keys/test-pkcs8.pem"));
  const auto keys = survey(
      "[[pass]]\nname = \"ticket\"\n"
      "apple = { pass_type_id = \"pass.a\", keys = [\"file:a.pem\", \"credential:next\"] }\n"
      "google = { collector_id = 1, keys = [{ version = 7, key = \"file:a.pem\" }] }\n");
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_EQ(key_id_text(*keys[0].key), "a52c4a0d");
  EXPECT_EQ(keys[0].pass_type_id, "pass.a");
  EXPECT_EQ(keys[1].from, "credential:next");
  EXPECT_FALSE(keys[1].key);
  EXPECT_EQ(keys[2].version, 7U);
  EXPECT_EQ(key_id_text(*keys[2].key), "a52c4a0d");
}

TEST_F(KeysList, SaysWhatIsWrongWithAFile) {
  folder.write("open.pem", read_fixture("keys/test-pkcs8.pem"), 0640);
  folder.write("rsa.pem", read_fixture("keys/bad-rsa.pem"));
  const auto keys = survey(
      "[[pass]]\nname = \"ticket\"\napple = { pass_type_id = \"pass.a\", keys = "
      "[\"file:open.pem\", \"file:rsa.pem\", \"file:absent.pem\"] }\n");
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_EQ(keys[0].key.error().code(), Errc::secret_too_open);
  EXPECT_EQ(keys[1].key.error().code(), Errc::bad_key);
  EXPECT_EQ(keys[2].key.error().code(), Errc::secret_unreadable);
}

TEST_F(KeysList, FindsACertificateBesideTheKey) {
  folder.write("a.pem",
               read_fixture("keys/pass-type-cert.pem") + read_fixture("keys/test-pkcs8.pem"));
  const auto keys = survey(
      "[[pass]]\nname = \"ticket\"\napple = { pass_type_id = \"pass.a\", keys = "
      "[\"file:a.pem\"] }\n");
  ASSERT_EQ(keys.size(), 1U);
  ASSERT_TRUE(keys[0].certificate);
  EXPECT_EQ((*keys[0].certificate)->user_id, "pass.com.example.ticket");
}

}  // namespace
}  // namespace passgate::cli
