// SPDX-License-Identifier: Apache-2.0
// `passgate doctor`: clouds, subscribers, HTTP, disk, and how all of it is told.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "runtime/unix_socket.h"
#include "tests/cli/doctor_fixture.h"

namespace passgate::cli::doctor {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

class DoctorClouds : public Doctor {
 protected:
  void SetUp() override {
    Doctor::SetUp();
    configure(ticket() +
              "[[provider]]\nname = \"main\"\nkind = \"passninja\"\n"
              "base_url = \"https://api.example/v1\"\naccount_id = \"a\"\n"
              "api_key = \"credential:cloud_pn-key\"\n"
              "[[subscriber]]\nname = \"backend\"\nurl = \"https://backend.example/hooks\"\n"
              "events = [\"passgate.pass.scanned\"]\nbearer = \"file:token\"\n"
              "secrets = [\"file:hook\"]\n");
    (*subject.sync)["providers"] = json::parse(
        R"([{"name":"main","state":"ok","last_error":"","last_status":null,"refused":0,
             "ambiguous":0,"templates":[{"template":"t","completed_at":"2026-11-20T18:00:00Z"}]}])");
    (*subject.sync)["subscribers"] = json::parse(
        R"([{"name":"backend","state":"ok","last_error":"","last_status":200,"dead":0,
             "ambiguous":0,"queued":0}])");
  }
  json& cloud() { return (*subject.sync)["providers"][0]; }
  json& backend() { return (*subject.sync)["subscribers"][0]; }
};

TEST_F(DoctorClouds, AreWellWhenTheLastExchangeWas) {
  expect(only(check_providers), Health::ok, "reachable and authorised");
  expect(only(check_subscribers), Health::ok, "nothing waits");
}

TEST_F(DoctorClouds, SayWhenTheyRefuseUsAndWhereTheSecretIs) {
  cloud().update({{"state", "failing"}, {"last_error", "rejected"}, {"last_status", 401}});
  expect(only(check_providers), Health::fail, "refuses us (rejected, HTTP 401)",
         "systemd-creds encrypt --name=cloud_pn-key - "
         "/etc/credstore.encrypted/passgate-syncd/pn-key && sudo systemctl restart passgate-syncd");
  backend().update({{"state", "failing"}, {"last_error", "rejected"}, {"last_status", 403}});
  expect(only(check_subscribers), Health::fail, "refuses us",
         "sudoedit " + (folder / "token").string());
}

TEST_F(DoctorClouds, DoNotGuessWhereASecretOfAnotherUnitLies) {
  subject.config.providers.front().api_key->credential = "pn-key";
  cloud().update({{"state", "failing"}, {"last_error", "rejected"}, {"last_status", 401}});
  EXPECT_EQ(only(check_providers).mend, "systemctl cat passgate-syncd");
}

TEST_F(DoctorClouds, SayWhenTheyCannotBeReached) {
  cloud().update({{"state", "failing"}, {"last_error", "unreachable"}});
  expect(only(check_providers), Health::fail, "unreachable", "https://api.example/v1");
  backend().update({{"state", "failing"}, {"last_error", "unreachable"}});
  expect(only(check_subscribers), Health::fail, "unreachable", "https://backend.example/hooks");
  backend()["state"] = "disabled";
  expect(only(check_subscribers), Health::fail, "410", "restart passgate-syncd");
  backend()["state"] = "waiting for consent";
  expect(only(check_subscribers), Health::warn, "has not agreed");
}

TEST_F(DoctorClouds, SayWhatWasGivenUp) {
  cloud()["ambiguous"] = 2;
  expect(only(check_providers), Health::warn, "2 may or may not", "passgate deliveries --failed");
  backend()["dead"] = 3;
  expect(only(check_subscribers), Health::warn, "3 were given up", "passgate deliveries --failed");
}

TEST_F(DoctorClouds, SayWhenAListWasNeverComplete) {
  cloud()["templates"][0]["completed_at"] = nullptr;
  expect(only(check_providers), Health::warn, "the list of t", "passgate status");
}

TEST_F(DoctorClouds, AreMissedInASyncdOfAnotherConfiguration) {
  subject.sync = json{{"version", PASSGATE_VERSION}};
  expect(only(check_providers), Health::fail, "another configuration", "restart passgate-syncd");
  subject.sync = passgate::fail(Errc::unreachable);
  EXPECT_TRUE(check_providers(subject).empty()) << "said of passgate-syncd already";
}

class DoctorHttp : public Doctor {
 protected:
  /// A port of this machine that somebody listens to, or nobody.
  std::string place(bool listening) {
    listener_ = runtime::FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* any = reinterpret_cast<::sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_.get(), any, sizeof address), 0);
    if (listening) ::listen(listener_.get(), 16);
    ::socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(listener_.get(), any, &size), 0);
    return fmt::format("127.0.0.1:{}", ntohs(address.sin_port));
  }
  void serve(const std::string& where, const std::string& more = "") {
    configure(ticket() + fmt::format("[http]\nlisten = [\"{}\"]\n{}", where, more));
  }
  runtime::FileDescriptor listener_;
};

TEST_F(DoctorHttp, IsKnockedAt) {
  EXPECT_TRUE(check_http(subject).empty()) << "there is none";
  serve(place(true));
  expect(only(check_http), Health::ok, "listens");
  serve(place(false));
  expect(only(check_http), Health::fail, "Connection refused", "restart passgate-syncd");
  serve("unix:nobody.sock");
  expect(only(check_http), Health::fail, "No such file", "restart passgate-syncd");
}

TEST_F(DoctorHttp, OfSystemdListensWhenSyncdRuns) {
  configure(ticket() + "[http]\nlisten = []\n");
  expect(only(check_http), Health::ok, "what systemd gives it");
  subject.sync = passgate::fail(Errc::unreachable);
  expect(only(check_http), Health::skip, "does not run", "systemctl status passgate-http.socket");
}

TEST_F(DoctorHttp, SaysHowLongTheCertificateIsGood) {
  folder.write("cert.pem", read_fixture("keys/pass-type-cert.pem"));
  serve(place(true), "tls_cert = \"cert.pem\"\ntls_key = \"file:key.pem\"\n");
  const auto found = [&] { return check_http(subject).back(); };
  subject.now = from_rfc3339("2026-12-20T19:00:00Z").value();
  expect(found(), Health::ok, "days left, until 2126-10-28");
  subject.now = from_rfc3339("2126-10-20T22:59:28Z").value();
  expect(found(), Health::warn, "8 days left", "restart passgate-syncd");
  subject.now = from_rfc3339("2126-10-29T00:00:00Z").value();
  expect(found(), Health::fail, "expired", "restart passgate-syncd");
  subject.now = from_rfc3339("2020-01-01T00:00:00Z").value();
  expect(found(), Health::fail, "not valid before", "restart passgate-syncd");
  folder.write("cert.pem", "nothing");
  expect(found(), Health::fail, "holds none", "restart passgate-syncd");
}

using DoctorDisk = Doctor;

TEST_F(DoctorDisk, WarnsBeforeItIsFull) {
  expect(judge_space(subject, 1024 * kMiB), Health::ok, "1024 MiB free");
  expect(judge_space(subject, 1024 * kMiB - 1), Health::warn, "1023 MiB", "du -xhd1");
  expect(judge_space(subject, 100 * kMiB), Health::warn, "100 MiB");
  expect(judge_space(subject, 100 * kMiB - 1), Health::fail, "gates deny everybody", "du -xhd1");
}

TEST_F(DoctorDisk, WarnsWhenTheMiddleWriteIsSlow) {
  expect(judge_sync(subject, {1ms, 20ms, 900ms}), Health::ok, "median 20.0 ms of 3");
  expect(judge_sync(subject, {1ms, 21ms, 22ms}), Health::warn, "median 21.0 ms", "findmnt -T");
}

TEST_F(DoctorDisk, IsTimedAndLeftAsItWas) {
  const auto found = check_disk(subject);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[1].detail, HasSubstr("of 20 writes in " + (folder / "state/core").string()));
  EXPECT_TRUE(std::filesystem::is_empty(folder / "state/core"));
}

TEST_F(DoctorDisk, FailsWhereNothingCanBeWritten) {
  std::filesystem::remove(folder / "state/core");
  expect(check_disk(subject).back(), Health::fail, "No such file", "start passgated");
  std::filesystem::remove(folder / "state");
  expect(only(check_disk), Health::fail, "No such file", "start passgated");
}

TEST(DoctorPage, HasALineForEachAndTheCommandBelow) {
  EXPECT_EQ(page({good("pcscd", "answers"), broken("polkit", "refuses", "sudo true")}),
            "ok    pcscd  — answers\nfail  polkit  — refuses\n      sudo true\n");
}

TEST(DoctorPage, KeepsEscapeSequencesOffTheTerminal) {
  const auto text = page({worry("reader \x1b[2J", "a\nfail  b", "x\r")});
  EXPECT_EQ(text, "warn  reader ?[2J  — a?fail  b\n      x?\n");
}

TEST(DoctorPage, FailsOnlyWhenSomethingFails) {
  EXPECT_EQ(exit_status({good("a", "b"), worry("a", "b", "c"), unseen("a", "b", "c")}), EX_OK);
  EXPECT_EQ(exit_status({good("a", "b"), broken("a", "b", "c")}), EX_UNAVAILABLE);
}

TEST(DoctorPage, AsJsonCountsWhatItFound) {
  const auto told = to_json({good("a", "b"), worry("c", "d", "e")});
  EXPECT_EQ(told.dump(), R"({"findings":[{"health":"ok","what":"a","detail":"b"},)"
                         R"({"health":"warn","what":"c","detail":"d","mend":"e"}],)"
                         R"("ok":1,"warn":1,"fail":0,"skip":0})");
}

TEST(DoctorWord, IsQuotedForAShell) {
  EXPECT_EQ(word("/etc/passgate/keys/a.pem"), "/etc/passgate/keys/a.pem");
  EXPECT_EQ(word("it's $here"), "'it'\\''s $here'");
  EXPECT_EQ(word(""), "''");
}

}  // namespace
}  // namespace passgate::cli::doctor
