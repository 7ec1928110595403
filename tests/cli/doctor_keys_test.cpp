// SPDX-License-Identifier: Apache-2.0
// `passgate doctor`: keys, certificates, passes, and the keyboard.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "cli/doctor/credential.h"
#include "cli/doctor/node.h"
#include "core/bytes.h"
#include "crypto/public_key.h"
#include "tests/cli/doctor_fixture.h"

namespace passgate::cli::doctor {
namespace {

using DoctorKeys = Doctor;
using DoctorKeyboard = Doctor;

const auto kNotRunning = [] { return passgate::fail(Errc::unreachable, ENOENT); };

TEST_F(DoctorKeys, TellTheIdThatPassgatedHas) {
  expect(only(check_keys), Health::ok, "key id a52c4a0d, which passgated has");
  subject.core = kNotRunning();
  expect(only(check_keys), Health::ok, "key id a52c4a0d");
}

TEST_F(DoctorKeys, FailWithTheCommandForEachFault) {
  ::chmod((folder / "key.pem").c_str(), 0640);
  expect(only(check_keys), Health::fail, "mode 0640", "sudo chmod 0600 ");
  folder.write("key.pem", read_fixture("keys/bad-p384.pem"));
  expect(only(check_keys), Health::fail, "no P-256 private key", "openssl pkey");
  std::filesystem::remove(folder / "key.pem");
  expect(only(check_keys), Health::fail, "is not there", "sudo passgate keys new ");
}

TEST_F(DoctorKeys, MustBelongToPassgated) {
  const auto own = std::to_string(::geteuid());
  folder.write("root/etc/passwd", "passgated:x:" + own + ":5000::/:/bin/false\n");
  expect(only(check_keys), Health::ok, "a52c4a0d");
  folder.write("root/etc/passwd", "passgated:x:4711:5000::/:/bin/false\n");
  expect(only(check_keys), Health::fail, "does not belong to passgated", "sudo chown passgated ");
}

TEST_F(DoctorKeys, MustNotLieBehindAFolderThatIsShut) {
  const Node shut{.mode = S_IFDIR | 0700, .owner = 0, .group = 0};
  const Node ours{.mode = S_IFDIR | 0750, .owner = 0, .group = 5000};
  const User user{.id = 4711, .group = 5000};
  EXPECT_FALSE(may(user, shut, 1));
  EXPECT_TRUE(may(user, ours, 1));
  EXPECT_FALSE(may(user, ours, 2));
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to make the folder somebody else's";
  folder.write("root/etc/passwd", "passgated:x:4711:5000::/:/bin/false\n");
  ASSERT_EQ(::chown((folder / "key.pem").c_str(), 4711, 5000), 0);
  expect(only(check_keys), Health::fail, "may not go through " + folder.path().string(),
         "sudo chgrp passgate ");
}

TEST_F(DoctorKeys, AreNotYetLoadedBeforeTheRestart) {
  (*subject.core)["passes"][0]["keys"][0]["key_id"] = "00000000";
  expect(only(check_keys), Health::warn, "does not have it yet",
         "sudo systemctl restart passgated");
}

TEST_F(DoctorKeys, MustFitTheCertificateBesideThem) {
  const auto certificate = read_fixture("keys/pass-type-cert.pem");
  folder.write("key.pem", certificate + read_fixture("keys/test-pkcs8.pem"));
  expect(only(check_keys), Health::ok, "a52c4a0d");
  folder.write("key.pem", certificate + read_fixture("keys/passkit-demo.pem"));
  expect(only(check_keys), Health::fail, "certificate of another key", "openssl x509");
  folder.write("key.pem", certificate + read_fixture("keys/test-pkcs8.pem"));
  std::string other = ticket();
  other.replace(other.find("example.ticket"), 14, "example.coupon");
  configure(other);
  expect(only(check_keys), Health::fail,
         "holds the certificate of pass.com.example.ticket, and pass_type_id is "
         "pass.com.example.coupon",
         "openssl x509");
}

TEST_F(DoctorKeys, OfSystemdAreAskedOfPassgatedElseLookedForWhereItsUnitReads) {
  configure(ticket("credential:key_ticket"));
  expect(only(check_keys), Health::ok, "passgated has a52c4a0d");
  subject.core = kNotRunning();
  folder.write("root/etc/credstore.encrypted/key_ticket", "nobody reads it");
  expect(only(check_keys), Health::fail, "there is no /etc/credstore.encrypted/passgated/ticket",
         "systemd-creds encrypt --name=key_ticket FILE /etc/credstore.encrypted/passgated/ticket");
  folder.write("root/etc/credstore.encrypted/passgated/ticket", "x");
  expect(only(check_keys), Health::ok, "in /etc/credstore.encrypted/passgated/ticket");
}

TEST_F(DoctorKeys, OfSystemdHaveThePrefixOfTheUnit) {
  for (const char* name : {"ticket-key", "cloud_ticket", "key_"}) {
    configure(ticket(std::string("credential:") + name));
    subject.core = kNotRunning();
    expect(only(check_keys), Health::fail, "gives only names that begin with key_", "sudoedit ");
  }
}

/// The line of a unit that loads a folder of credentials.
std::string loading(const char* unit) {
  constexpr std::string_view kDirective = "LoadCredentialEncrypted=";
  std::ifstream file(std::filesystem::path(PASSGATE_SOURCE_DIR "/systemd") / unit);
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(kDirective)) return line.substr(kDirective.size());
  }
  return "";
}

TEST(DoctorCredentials, LieWhereTheUnitsReadThem) {
  const auto as_loaded = [](const CredentialFolder& folder) {
    const std::string_view id = folder.prefix.substr(0, folder.prefix.size() - 1);
    return fmt::format("{}:{}", id, folder.path);  // systemd puts the "_" between.
  };
  EXPECT_EQ(loading("passgated.service"), as_loaded(kKeyCredentials));
  EXPECT_EQ(loading("passgate-syncd.service"), as_loaded(kCloudCredentials));
}

class DoctorPassFile : public Doctor {
 protected:
  Finding judge(const std::string& type, const std::string& key) {
    subject.pass_file = folder.write(
        "pass.json", nlohmann::json{{"passTypeIdentifier", type},
                                    {"nfc", {{"message", "m"}, {"encryptionPublicKey", key}}}}
                         .dump());
    return only(check_pass_file);
  }
  const std::string ours =
      "MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACErn94qh2WCpsCxAp3te1RaaTDKE3LpG0HJjAbbHJTFc=";
};

TEST_F(DoctorPassFile, IsReadableWhenItsKeyIsOurs) {
  EXPECT_TRUE(check_pass_file(subject).empty()) << "nobody asked";
  expect(judge("pass.com.example.ticket", ours), Health::ok, "a52c4a0d, which is ours");
}

TEST_F(DoctorPassFile, IsNotReadableOfAnotherType) {
  expect(judge("pass.com.example.other", ours), Health::fail,
         "pass type pass.com.example.other, which no [[pass]] names", "sudoedit");
}

TEST_F(DoctorPassFile, IsNotReadableWithAnotherKey) {
  const std::string text = read_fixture("keys/passkit-demo.pem");
  const auto key = crypto::PublicKey::of_private([&] {
    Bytes bytes(text.begin(), text.end());
    return SecretBytes::take(bytes);
  }());
  expect(judge("pass.com.example.ticket", to_base64(key->compressed_der())), Health::fail,
         "sealed for key c0b77375, and this terminal has a52c4a0d", "sudoedit");
  (*subject.core)["passes"][0]["keys"].push_back({{"key_id", "c0b77375"}});
  expect(judge("pass.com.example.ticket", to_base64(key->compressed_der())), Health::ok, "ours");
}

TEST_F(DoctorPassFile, IsNotReadableWithoutAKey) {
  expect(judge("pass.com.example.ticket", "AAAA"), Health::fail, "encryptionPublicKey",
         "passgate keys list --json");
  subject.pass_file = folder.write("pass.json", "[]");
  expect(only(check_pass_file), Health::fail, "no JSON object", "unzip -p");
  const std::string deep = std::string(400'000, '[') + std::string(400'000, ']');
  subject.pass_file = folder.write("pass.json", R"({"passTypeIdentifier":)" + deep + "}");
  expect(only(check_pass_file), Health::fail, "no JSON object", "unzip -p");
}

TEST_F(DoctorKeyboard, NeedsTheNodeOfUinputForTheGroupPassgate) {
  expect(only(check_keyboard), Health::fail, "there is no /dev/uinput", "sudo modprobe uinput");
  std::filesystem::create_directories(folder / "root/dev");
  std::filesystem::create_symlink("/dev/null", folder / "root/dev/uinput");
  expect(only(check_keyboard), Health::fail, "of group root", "udevadm trigger");
  folder.write("root/etc/group", "passgate:x:0:\n");  // Now the node has the right one.
  expect(only(check_keyboard), Health::warn, "everybody may type", "sudo chmod 0660 /dev/uinput");
  folder.write("root/etc/group", "root:x:0:\n");
  expect(only(check_keyboard), Health::fail, "no group passgate", "sudo systemd-sysusers");
}

TEST_F(DoctorKeyboard, NeedsADeviceThatPassgatedMayUse) {
  folder.write("root/etc/passwd", "passgated:x:4711:5000::/:/bin/false\n");
  configure("[keyboard]\ndevice = \"serial:/dev/null\"\n");
  expect(only(check_keyboard), Health::ok, "/dev/null");
  configure("[keyboard]\ndevice = \"serial:/dev/mem-not-there\"\n");
  expect(only(check_keyboard), Health::fail, "is the adapter plugged in", "/dev/serial/by-id/");
  configure("[keyboard]\ndevice = \"hidg:/dev/hidg-not-there\"\n");
  expect(only(check_keyboard), Health::fail, "docs/usb-gadget.md",
         "sudo systemctl restart usb-gadget");
  configure("[keyboard]\ndevice = \"serial:" + (folder / "key.pem").string() + "\"\n");
  expect(only(check_keyboard), Health::fail, "is no device", "sudoedit");
}

TEST_F(DoctorKeyboard, OfAnotherMachineIsAskedOfSyncd) {
  configure("[keyboard]\ndevice = \"tcp:till-3.example:4711\"\n");
  expect(only(check_keyboard), Health::fail, "knows of no till", "restart passgate-syncd");
  (*subject.sync)["till"] = {{"state", "connected"}};
  expect(only(check_keyboard), Health::ok, "connected to the till");
  (*subject.sync)["till"] = {{"state", "unreachable"}, {"last_error", "connection refused"}};
  expect(only(check_keyboard), Health::fail, "connection refused", "nc -vz till-3.example 4711");
  subject.sync = kNotRunning();
  expect(only(check_keyboard), Health::fail, "does not run", "start passgate-syncd");
}

TEST_F(DoctorKeyboard, OfNobodyIsNoFault) {
  configure("[keyboard]\ndevice = \"none\"\n");
  expect(only(check_keyboard), Health::ok, "nothing is typed");
}

}  // namespace
}  // namespace passgate::cli::doctor
