// SPDX-License-Identifier: Apache-2.0
#include "cli/decrypt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <sysexits.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "crypto/vas_phone.h"
#include "tests/cli/fixture.h"

namespace passgate::cli {
namespace {

using testing::HasSubstr;

// The published capture of an iPhone and the demo key that opens it.
constexpr const char* kDemoId = "pass.com.passkit.pksamples.nfcdemo";
constexpr const char* kCapture =
    "c0b77375d3f37956d84a538f28ac2a04b38ddc1a67d3647a4dd30abd736ea1cea8038388692e89db99e4746d872d"
    "e782395640c536e79a75c47a9343da0af3937f06eeca7a865c4ad05a2c543ad2";
constexpr const char* kOpened =
    R"({"key_id":"c0b77375","pass_type_id":"pass.com.passkit.pksamples.nfcdemo",)"
    R"("timestamp":"2023-07-09T16:35:58Z","payload":"6d1UlFpnOc50iVKRaboDOK",)"
    R"("payload_hex":"366431556c46706e4f63353069564b5261626f444f4b"})"
    "\n";

class Decrypt : public testing::Test {
 protected:
  int run(const std::string& input) {
    std::istringstream in(input);
    out.str("");
    err.str("");
    return run_decrypt(options, in, out, err);
  }
  std::vector<nlohmann::json> lines() const {
    std::vector<nlohmann::json> all;
    std::istringstream text(out.str());
    for (std::string line; std::getline(text, line);) all.push_back(nlohmann::json::parse(line));
    return all;
  }
  std::vector<std::string> errors() const {
    std::vector<std::string> all;
    for (const auto& line : lines()) all.push_back(line.value("error", "none"));
    return all;
  }

  TempFolder folder;
  DecryptOptions options{.keys = {folder.write("demo.pem", read_fixture("keys/passkit-demo.pem"))},
                         .pass_type_id = kDemoId,
                         .input = std::nullopt};
  std::ostringstream out;
  std::ostringstream err;
};

TEST_F(Decrypt, PrintsOneObjectWithItsMembersInOrder) {
  options.input = kCapture;
  EXPECT_EQ(run(""), EX_OK);
  EXPECT_EQ(out.str(), kOpened);
  EXPECT_EQ(err.str(), "");
}

TEST_F(Decrypt, AnswersEveryLineInItsPlace) {
  const std::string changed = std::string(kCapture).replace(150, 2, "00");
  const std::string off_curve = "c0b77375" + std::string(64, 'f') + std::string(40, '0');
  const std::string input = std::string(kCapture) + "\n\nxyz\n" + changed + "\nbeef" + kCapture +
                            "\n" + off_curve + "\n" + std::string(70000, 'a') + "\r\n " + kCapture;
  EXPECT_EQ(run(input), EX_DATAERR);
  EXPECT_EQ(errors(), (std::vector<std::string>{"none", "too_short", "bad_hex", "auth_failed",
                                                "unknown_key", "bad_point", "too_large", "none"}));
  for (const auto& line : lines()) {
    EXPECT_EQ(line.contains("error"), !line.value("message", "").empty());
  }
}

TEST_F(Decrypt, ReadsStandardInputWhenToldADash) {
  options.input = "-";
  EXPECT_EQ(run(kCapture), EX_OK);
  EXPECT_EQ(out.str(), kOpened);
}

TEST_F(Decrypt, SaysNothingToNoLines) {
  EXPECT_EQ(run(""), EX_OK);
  EXPECT_EQ(out.str(), "");
}

TEST_F(Decrypt, ReplacesInvalidUtf8OnlyInThePayloadText) {
  const SecretBytes key = crypto::new_private_key_pem();
  options.keys = {folder.write("own.pem", text_of(key.expose()))};
  const Bytes payload{'a', 0xFF, 0x00, 0x1B, '"'};
  const auto sealed = crypto::seal_vas(key, PassTypeId(kDemoId), WallTime{}, payload);
  EXPECT_EQ(run(to_hex(sealed.value())), EX_OK);
  ASSERT_EQ(lines().size(), 1U);
  EXPECT_EQ(lines()[0].at("payload"), std::string("a\xEF\xBF\xBD\0\x1B\"", 7));
  EXPECT_EQ(lines()[0].at("payload_hex"), "61ff001b22");
}

TEST_F(Decrypt, PicksTheKeyAmongSeveral) {
  options.keys.insert(options.keys.begin(),
                      folder.write("other.pem", read_fixture("keys/test-pkcs8.pem")));
  EXPECT_EQ(run(kCapture), EX_OK);
}

TEST_F(Decrypt, OpensNothingForAnotherPassType) {
  options.pass_type_id = "pass.com.passkit.pksamples.NFCdemo";
  EXPECT_EQ(run(kCapture), EX_DATAERR);
  EXPECT_EQ(errors(), (std::vector<std::string>{"auth_failed"}));
}

TEST_F(Decrypt, RefusesAKeyThatOthersMayRead) {
  std::filesystem::permissions(options.keys[0], std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(run(kCapture), EX_NOPERM);
  EXPECT_EQ(out.str(), "");
  EXPECT_THAT(err.str(), HasSubstr("demo.pem: group or others may read it"));
}

TEST_F(Decrypt, NamesAKeyFileThatIsNotThere) {
  options.keys = {folder.path() / "absent.pem"};
  EXPECT_EQ(run(kCapture), EX_NOINPUT);
  EXPECT_THAT(err.str(), HasSubstr("absent.pem: No such file"));
}

TEST_F(Decrypt, RefusesAFileThatIsNoKey) {
  options.keys = {folder.write("public.pem", read_fixture("keys/test-public.pem"))};
  EXPECT_EQ(run(kCapture), EX_CONFIG);
  EXPECT_THAT(err.str(), HasSubstr("not a P-256 private key"));
}

TEST_F(Decrypt, StopsWhenNobodyReadsItsAnswers) {
  std::istringstream in(std::string(kCapture) + "\n" + kCapture);
  out.setstate(std::ios::badbit);
  EXPECT_EQ(run_decrypt(options, in, out, err), EX_IOERR);
}

/// The program itself, for what only its command line decides.
class DecryptProgram : public Decrypt {
 protected:
  struct Ended {
    int status;
    std::string out;
  };
  Ended program(const std::string& arguments) const {
    const std::string command = PASSGATE_BIN_DIR "/passgate decrypt " + arguments + " 2>/dev/null";
    FILE* pipe =
        ::popen(command.c_str(), "r");  // NOLINT(bugprone-command-processor): our own words
    Ended ended{};
    char buffer[4096];
    while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) ended.out += buffer;
    ended.status = WEXITSTATUS(::pclose(pipe));
    return ended;
  }
  std::string key() const { return "--key " + options.keys[0].string() + " "; }
  std::string id() const { return "--pass-type-id " + std::string(kDemoId) + " "; }
};

TEST_F(DecryptProgram, TakesSeveralKeysAndStillTheHex) {
  const auto ended = program(key() + key() + id() + kCapture);
  EXPECT_EQ(ended.status, EX_OK);
  EXPECT_EQ(ended.out, kOpened);
  EXPECT_EQ(program(id() + key() + kCapture).out, kOpened);
}

TEST_F(DecryptProgram, ReadsAPipe) {
  EXPECT_EQ(program(key() + id() + "- < " + folder.write("in", kCapture).string()).out, kOpened);
  EXPECT_EQ(program(key() + id() + "< " + folder.write("in", kCapture).string()).out, kOpened);
}

TEST_F(DecryptProgram, CallsBadUsageSixtyFour) {
  for (const auto& wrong :
       {std::string(), key() + kCapture, id() + kCapture, key() + "--pass-type-id '' " + kCapture,
        key() + id() + "a b", key() + id() + "--unknown"}) {
    EXPECT_EQ(program(wrong).status, EX_USAGE) << wrong;
  }
  EXPECT_EQ(program("--help").status, EX_OK);
}

}  // namespace
}  // namespace passgate::cli
