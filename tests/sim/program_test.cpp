// SPDX-License-Identifier: Apache-2.0
// The program passgate-sim as a script sees it: options, exit statuses, output.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>

#include "sim/http/server.h"
#include "tests/rig/temp_folder.h"
#include "tests/sim/http_client.h"

namespace passgate::sim::test {
namespace {

constexpr const char* kProgram = PASSGATE_BIN_DIR "/passgate-sim";

class ProgramTest : public ::testing::Test {
 protected:
  void SetUp() override {
    write("key", "91dbb1e7af9c80aba6ed3f95a1545b4e\n");
    write("secret", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n");
    write("passes.json",
          R"({"templates":[{"id":"ptk_0x14","keys":["a"],"passes":[{"serial":"s1"}]}]})");
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  static int status_of(const std::string& arguments) {
    const int status =
        std::system((std::string(kProgram) + " " + arguments + " >/dev/null 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  ::passgate::test::TempFolder folder_;
};

/// A server of the program: started, its first line read, stopped by SIGTERM.
class RunningServer {
 public:
  explicit RunningServer(std::vector<std::string> arguments) {
    int ends[2];
    if (::pipe(ends) != 0) return;
    std::vector<char*> argv = {const_cast<char*>(kProgram)};
    for (auto& each : arguments) argv.push_back(each.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execv(kProgram, argv.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    std::FILE* output = ::fdopen(ends[0], "r");
    if (output == nullptr) return;
    char line[512] = {};
    if (std::fgets(line, sizeof line, output) != nullptr) {
      first_ = nlohmann::json::parse(line, nullptr, false);
    }
    std::fclose(output);
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;
  ~RunningServer() { stop(); }

  const nlohmann::json& first() const { return first_; }
  int stop() {
    if (pid_ <= 0) return -1;
    ::kill(pid_, SIGTERM);
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = -1;
  nlohmann::json first_;
};

TEST_F(ProgramTest, CloudSaysWhereItListensServesAndEndsCleanlyWhenAskedTo) {
  RunningServer cloud({"cloud", "--account", "aid_0xa01", "--api-key-file", path("key"), "--passes",
                       path("passes.json")});
  ASSERT_EQ(cloud.first().value("event", ""), "listening");
  const auto reply =
      ask("GET", cloud.first()["url"].get<std::string>() + "/v1/passes/ptk_0x14",
          {"X-API-KEY: 91dbb1e7af9c80aba6ed3f95a1545b4e", "X-ACCOUNT-ID: aid_0xa01"});
  EXPECT_EQ(nlohmann::json::parse(reply.body)["passes"][0]["id"], "s1");
  EXPECT_EQ(cloud.stop(), EX_OK);
}

TEST_F(ProgramTest, CloudOfAnotherKindPushesToTheWebhookItIsGiven) {
  write("pmk", "pmk_test_1\n");
  write("hook", "whsec_test\n");
  std::promise<std::string> signature;
  auto webhook = std::move(*HttpServer::start({}, {}, [&](const HttpRequest& request) {
    signature.set_value(std::string(request.header("passmint-signature").value_or("")));
    return HttpResponse{};
  }));
  RunningServer cloud({"cloud", "--kind", "passmint", "--api-key-file", path("pmk"), "--passes",
                       path("passes.json"), "--webhook", webhook.url() + "/hook",
                       "--webhook-secret-file", path("hook")});
  ASSERT_EQ(cloud.first().value("event", ""), "listening");
  const auto reply = ask("DELETE", cloud.first()["url"].get<std::string>() + "/v1/passes/s1",
                         {"Authorization: Bearer pmk_test_1"});
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(signature.get_future().get().starts_with("t="));
  EXPECT_EQ(cloud.stop(), EX_OK);
}

TEST_F(ProgramTest, SubscriberSaysWhereItListens) {
  RunningServer subscriber({"subscriber", "--secret-file", path("secret")});
  ASSERT_EQ(subscriber.first().value("event", ""), "listening");
  const auto url = subscriber.first()["url"].get<std::string>();
  EXPECT_EQ(nlohmann::json::parse(ask("GET", url + "/_sim/events").body)["last"], 0);
  EXPECT_EQ(subscriber.stop(), EX_OK);
}

TEST_F(ProgramTest, ExitsWithTheStatusThatSaysWhatIsWrong) {
  const std::string cloud =
      "cloud --account a --api-key-file " + path("key") + " --passes " + path("passes.json");
  write("broken.json", "{");
  write("broken.apdu", "nonsense\n");
  EXPECT_EQ(status_of(""), EX_USAGE);
  EXPECT_EQ(status_of("cloud"), EX_USAGE);
  EXPECT_EQ(status_of(cloud + " --listen 0.0.0.0:0"), EX_USAGE);
  EXPECT_EQ(status_of(cloud + " --faults explode"), EX_USAGE);
  EXPECT_EQ(status_of(cloud + " --kind acme"), EX_USAGE);
  EXPECT_EQ(status_of(cloud + " --kind passmint"), EX_DATAERR);  // that key is none of Passmint's
  EXPECT_EQ(status_of(cloud + " --webhook http://127.0.0.1:1/"), EX_USAGE);
  EXPECT_EQ(
      status_of(cloud + " --webhook http://192.0.2.1:1/ --webhook-secret-file " + path("key")),
      EX_USAGE);
  EXPECT_EQ(status_of("cloud --api-key-file " + path("key") + " --passes " + path("passes.json")),
            EX_USAGE);  // no account
  EXPECT_EQ(status_of("cloud --account a --api-key-file /nonexistent --passes x"), EX_NOINPUT);
  EXPECT_EQ(status_of("cloud --account a --api-key-file " + path("key") + " --passes " +
                      path("broken.json")),
            EX_DATAERR);
  EXPECT_EQ(status_of("subscriber --secret-file " + path("key")), EX_DATAERR);
  EXPECT_EQ(status_of("tap --reader /nonexistent --no-pass"), EX_UNAVAILABLE);
  EXPECT_EQ(status_of("tap --reader /nonexistent"), EX_USAGE);
  EXPECT_EQ(status_of("tap --reader /nonexistent --hostile politely"), EX_USAGE);
  EXPECT_EQ(status_of("tap --reader /nonexistent --replay " + path("broken.apdu")), EX_DATAERR);
}

}  // namespace
}  // namespace passgate::sim::test
