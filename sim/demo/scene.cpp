// SPDX-License-Identifier: Apache-2.0
#include "sim/demo/scene.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "core/bytes.h"
#include "crypto/digest.h"
#include "crypto/vas_phone.h"
#include "runtime/socket_client.h"
#include "sim/http/loopback_request.h"

namespace passgate::sim {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr Milliseconds kStartBudget = 20s;

/// Every key in it is a published or a throw-away one.
constexpr std::string_view kConfiguration = R"([terminal]
id = "demo-gate"
state_dir = "state"
runtime_dir = "run"

[[reader]]
name = "north-1"
match = "*00 00"
mode = "gate"
zone = "north"
rearm_ms = 1
passes = ["season-ticket"]

[[reader]]
name = "till-1"
match = "*"
mode = "wedge"
passes = ["loyalty-card"]

[[pass]]
name = "season-ticket"
provider = "main"
template = "{template}"
pattern = '^(?P<pass_id>[0-9a-f]{{18}})$'
type = "{{pass_id}}\n"
apple = {{ pass_type_id = "{ticket}", keys = ["file:keys/ticket.pem"] }}
google = {{ collector_id = {collector}, keys = [{{ version = 1, key = "file:keys/collector.pem" }}], services = ["event_ticket"] }}

[[pass]]
name = "loyalty-card"
type = "{{payload}}\n"
apple = {{ pass_type_id = "{loyalty}", keys = ["file:keys/passkit-demo.pem"] }}

[keyboard]
device = "text:typed.txt"
layout = "us"

[[provider]]
name = "main"
kind = "passninja"
base_url = "{cloud}"
account_id = "aid_0xa01"
api_key = "file:secrets/api-key"
refresh_s = 1
max_rps = 50.0
redeem = {{ mode = "patch", fields = {{ "redeemed-at" = "{{time}}" }} }}

[[subscriber]]
name = "backend"
url = "{subscriber}"
events = ["passgate.pass.scanned", "passgate.pass.redeemed"]
bearer = "file:secrets/bearer"
secrets = ["file:secrets/webhook"]
)";

std::string random_text(const std::string& prefix, std::size_t bytes, bool base64 = false) {
  Bytes random(bytes);
  crypto::random_fill(random);
  return prefix + (base64 ? to_base64(random) : to_hex(random));
}

json cloud_passes(unsigned more) {
  const auto pass = [](const char* serial, const char* status) {
    return json{{"serial", serial}, {"status", status}, {"fields", json::object()}};
  };
  json passes = {pass(kValidPass, "Active"), pass(kAndroidPass, "Active"),
                 pass(kVoidedPass, "Active"), pass(kExpiredPass, "Expired")};
  for (unsigned i = 0; i < more; ++i) passes.push_back(pass(more_pass(i).c_str(), "Active"));
  return {{"templates",
           {{{"id", kDemoTemplate}, {"keys", {"redeemed-at"}}, {"passes", std::move(passes)}}}}};
}

}  // namespace

std::string more_pass(unsigned i) {
  return fmt::format("{:018x}", 0xA000000U + i);
}

void Scene::write(const std::string& name, const std::string& content) const {
  std::filesystem::create_directories(path(name).parent_path());
  std::ofstream(path(name)) << content;
  ::chmod(path(name).c_str(), 0600);
}

Status Scene::write_files() {
  for (const char* key : {"keys/ticket.pem", "keys/collector.pem", "keys/stranger.pem"}) {
    const SecretBytes pem = crypto::new_private_key_pem();
    write(key, std::string(text_of(pem.expose())));
  }
  std::error_code problem;
  std::filesystem::copy_file(options_.fixtures / "keys/passkit-demo.pem",
                             path("keys/passkit-demo.pem"), problem);
  if (problem) {
    trouble_ = "the published key is not at " + options_.fixtures.string();
    return fail(Errc::secret_unreadable, problem.value());
  }
  ::chmod(path("keys/passkit-demo.pem").c_str(), 0600);
  write("secrets/api-key", random_text("", 16));
  write("secrets/bearer", random_text("", 16));
  write("secrets/webhook", random_text("whsec_", 32, true));
  write("cloud.json", cloud_passes(options_.more_passes).dump(2));
  return {};
}

Status Scene::start_readers() {
  auto readers = Process::start(
      {.command = {program("passgate-sim"), "reader", "--dir", path("pcsc"), "--count", "2"},
       .environment = {},
       .log = path("log/reader.log")});
  if (!readers) return std::unexpected(readers.error());
  const auto line = readers->read_line(kStartBudget);
  parts_.emplace_back("readers", std::move(*readers));
  if (!line) return std::unexpected(line.error());
  const json ready = json::parse(*line, nullptr, false);
  if (!ready.is_object() || !ready.contains("readers")) return fail(Errc::bad_reply);
  pcsc_socket_ = ready.at("socket").get<std::string>();
  for (const json& reader : ready.at("readers")) {
    cards_.push_back(reader.at("card").get<std::string>());
  }
  return {};
}

Result<std::string> Scene::start_server(const std::string& name,
                                        std::vector<std::string> arguments) {
  std::vector<std::string> command = {program("passgate-sim"), name};
  command.insert(command.end(), arguments.begin(), arguments.end());
  auto server =
      Process::start({.command = command, .environment = {}, .log = path("log/" + name + ".log")});
  if (!server) return std::unexpected(server.error());
  const auto line = server->read_line(kStartBudget);
  parts_.emplace_back(name, std::move(*server));
  if (!line) return std::unexpected(line.error());
  const json listening = json::parse(*line, nullptr, false);
  if (!listening.is_object() || !listening.contains("url")) return fail(Errc::bad_reply);
  return listening.at("url").get<std::string>();
}

Status Scene::start_daemon(const std::string& name) {
  const bool core = name == "passgated";
  std::vector<std::string> command;
  if (core) command = options_.passgated_prefix;
  std::vector<std::pair<std::string, std::string>> environment = {
      {"PCSCLITE_CSOCK_NAME", pcsc_socket_}};
  if (core) {
    environment.insert(environment.end(), options_.passgated_environment.begin(),
                       options_.passgated_environment.end());
  }
  for (const auto& word :
       {program(name), std::filesystem::path("--config"), path("passgate.toml")}) {
    command.push_back(word.string());
  }
  auto daemon = Process::start(
      {.command = command, .environment = environment, .log = path("log/" + name + ".log")});
  if (!daemon) return std::unexpected(daemon.error());
  parts_.emplace_back(name, std::move(*daemon));
  return {};
}

Status Scene::start(const DemoOptions& options) {
  options_ = options;
  trouble_ = "files";
  std::filesystem::create_directories(path("log"));
  if (auto done = write_files(); !done) return done;
  trouble_ = "virtual readers (log/reader.log)";
  if (auto done = start_readers(); !done) return done;
  trouble_ = "sandbox cloud (log/cloud.log)";
  const auto cloud = start_server("cloud", {"--kind", "passninja", "--account", "aid_0xa01",
                                            "--api-key-file", path("secrets/api-key"), "--passes",
                                            path("cloud.json"), "--log", path("log/cloud.jsonl")});
  if (!cloud) return std::unexpected(cloud.error());
  trouble_ = "webhook subscriber (log/subscriber.log)";
  const auto subscriber =
      start_server("subscriber", {"--secret-file", path("secrets/webhook"), "--bearer-file",
                                  path("secrets/bearer"), "--log", path("log/subscriber.jsonl")});
  if (!subscriber) return std::unexpected(subscriber.error());
  cloud_url_ = *cloud + "/v1";
  subscriber_url_ = *subscriber;
  write("passgate.toml",
        fmt::format(fmt::runtime(kConfiguration), fmt::arg("template", kDemoTemplate),
                    fmt::arg("ticket", kTicketType), fmt::arg("loyalty", kLoyaltyType),
                    fmt::arg("collector", kDemoCollector), fmt::arg("cloud", cloud_url_),
                    fmt::arg("subscriber", subscriber_url_)));
  trouble_ = "passgate-syncd (log/passgate-syncd.log)";
  if (auto done = start_daemon("passgate-syncd"); !done) return done;
  trouble_ = "passgated (log/passgated.log)";
  if (auto done = start_daemon("passgated"); !done) return done;
  return wait_until_ready();
}

Result<json> Scene::status() const {
  auto client = runtime::SocketClient::connect(path("run/core/control.sock"));
  if (!client) return std::unexpected(client.error());
  return client->ask({{"type", "status"}}, 5s);
}

Status Scene::wait_until_ready() {
  const auto deadline = std::chrono::steady_clock::now() + kStartBudget;
  trouble_ = "readers and mirror to be ready (log/*.log)";
  while (std::chrono::steady_clock::now() < deadline) {
    const auto now = status();
    if (now) {
      std::size_t waiting = 0;
      for (const json& reader : now->value("readers", json::array())) {
        if (reader.value("state", "") == "idle") ++waiting;
      }
      bool swept = false;
      for (const json& pass : now->value("passes", json::array())) {
        if (pass.contains("swept_at")) swept = true;
      }
      if (waiting == cards_.size() && swept) return {};
    }
    std::this_thread::sleep_for(20ms);
  }
  return fail(Errc::deadline_exceeded);
}

std::vector<json> Scene::journal_of(const std::string& log) const {
  std::vector<json> lines;
  std::ifstream file(path(log));
  for (std::string line; std::getline(file, line);) {
    json parsed = json::parse(line, nullptr, false);
    if (!parsed.is_discarded()) lines.push_back(std::move(parsed));
  }
  return lines;
}

Status Scene::destroy_in_cloud(const std::string& serial) const {
  std::ifstream file(path("secrets/api-key"));
  std::string key;
  std::getline(file, key);
  const auto status =
      loopback_request("DELETE", cloud_url_ + "/passes/" + kDemoTemplate + "/" + serial,
                       {{"X-API-KEY", key}, {"X-ACCOUNT-ID", "aid_0xa01"}});
  if (!status) return std::unexpected(status.error());
  if (*status != 200) return fail(Errc::rejected, *status);
  return {};
}

std::vector<std::string> Scene::stop() {
  std::vector<std::string> unclean;
  while (!parts_.empty()) {
    auto& [name, process] = parts_.back();
    if (process.stop() != 0) unclean.push_back(name);
    parts_.pop_back();
  }
  return unclean;
}

}  // namespace passgate::sim
