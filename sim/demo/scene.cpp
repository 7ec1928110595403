// SPDX-License-Identifier: Apache-2.0
#include "sim/demo/scene.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

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
kind = "{kind}"
base_url = "{cloud}"
{account}api_key = "file:secrets/api-key"
refresh_s = 1
max_rps = 50.0
{provider}webhook = {{ secrets = ["file:secrets/push"]{webhook} }}

[http]
listen = ["{hooks}"]

[[http.client]]
account_id = "operator"
api_key = "file:secrets/operator"
roles = ["operator"]

[[subscriber]]
name = "backend"
url = "{subscriber}"
events = ["passgate.pass.scanned", "passgate.pass.redeemed", "passgate.pass.overridden", "passgate.pass.undone"]
bearer = "file:secrets/bearer"
secrets = ["file:secrets/webhook"]
)";

std::string random_text(const std::string& prefix, std::size_t bytes, bool base64 = false) {
  Bytes random(bytes);
  crypto::random_fill(random);
  return prefix + (base64 ? to_base64(random) : to_hex(random));
}

json cloud_passes(const DemoCloud& cloud, unsigned more) {
  const auto pass = [](const std::string& serial) { return json{{"serial", serial}}; };
  json passes = {pass(kValidPass), pass(kAndroidPass), pass(kVoidedPass), pass(kExpiredPass)};
  passes.back().update(cloud.expired);
  for (unsigned i = 0; i < more; ++i) passes.push_back(pass(more_pass(i)));
  return {{"templates",
           {{{"id", cloud.pass_template},
             {"keys", {"redeemed-at", "scan"}},
             {"passes", std::move(passes)}}}}};
}

/// A port that is free now: the cloud has to know where to push before
/// passgate-syncd listens there.
std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound =
      ::bind(fd, generic, sizeof address) == 0 && ::getsockname(fd, generic, &length) == 0;
  ::close(fd);
  return bound ? ntohs(address.sin_port) : std::uint16_t{0};
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
  write("secrets/api-key", random_text(cloud_->key_prefix, 16));
  write("secrets/operator", random_text("", 16));
  write("secrets/push", random_text("whsec_", 16));
  write("secrets/bearer", random_text("", 16));
  write("secrets/webhook", random_text("whsec_", 32, true));
  write("cloud.json", cloud_passes(*cloud_, options_.more_passes).dump(2));
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
  trouble_ = "--cloud: no such kind";
  cloud_ = demo_cloud(options.cloud);
  if (cloud_ == nullptr) return fail(Errc::bad_value);
  hook_address_ = fmt::format("127.0.0.1:{}", free_port());
  trouble_ = "files";
  std::filesystem::create_directories(path("log"));
  if (auto done = write_files(); !done) return done;
  trouble_ = "virtual readers (log/reader.log)";
  if (auto done = start_readers(); !done) return done;
  trouble_ = "sandbox cloud (log/cloud.log)";
  std::vector<std::string> account = {"--kind",
                                      cloud_->kind,
                                      "--api-key-file",
                                      path("secrets/api-key"),
                                      "--passes",
                                      path("cloud.json"),
                                      "--log",
                                      path("log/cloud.jsonl"),
                                      "--webhook",
                                      "http://" + hook_address_ + "/webhooks/main",
                                      "--webhook-secret-file",
                                      path("secrets/push")};
  if (!cloud_->account.empty()) account.insert(account.end(), {"--account", cloud_->account});
  account.insert(account.end(), cloud_->sandbox.begin(), cloud_->sandbox.end());
  const auto cloud = start_server("cloud", account);
  if (!cloud) return std::unexpected(cloud.error());
  trouble_ = "webhook subscriber (log/subscriber.log)";
  const auto subscriber =
      start_server("subscriber", {"--secret-file", path("secrets/webhook"), "--bearer-file",
                                  path("secrets/bearer"), "--log", path("log/subscriber.jsonl")});
  if (!subscriber) return std::unexpected(subscriber.error());
  cloud_url_ = *cloud;
  subscriber_url_ = *subscriber;
  write_configuration();
  trouble_ = "passgate-syncd (log/passgate-syncd.log)";
  if (auto done = start_daemon("passgate-syncd"); !done) return done;
  trouble_ = "passgated (log/passgated.log)";
  if (auto done = start_daemon("passgated"); !done) return done;
  return wait_until_ready();
}

void Scene::write_configuration() const {
  const auto account =
      cloud_->account.empty() ? "" : fmt::format("account_id = \"{}\"\n", cloud_->account);
  write("passgate.toml",
        fmt::format(fmt::runtime(kConfiguration), fmt::arg("template", cloud_->pass_template),
                    fmt::arg("ticket", kTicketType), fmt::arg("loyalty", kLoyaltyType),
                    fmt::arg("collector", kDemoCollector), fmt::arg("kind", cloud_->kind),
                    fmt::arg("cloud", cloud_url_ + cloud_->base), fmt::arg("account", account),
                    fmt::arg("provider", cloud_->provider), fmt::arg("webhook", cloud_->webhook),
                    fmt::arg("hooks", hook_address_), fmt::arg("subscriber", subscriber_url_)));
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

Status Scene::void_in_cloud(const std::string& serial) const {
  std::ifstream file(path("secrets/api-key"));
  std::string key;
  std::getline(file, key);
  Result<int> status = fail(Errc::bad_value);
  if (cloud_->kind == "passninja") {
    status = loopback_request("DELETE",
                              cloud_url_ + "/v1/passes/" + cloud_->pass_template + "/" + serial,
                              {{"X-API-KEY", key}, {"X-ACCOUNT-ID", cloud_->account}});
  } else if (cloud_->kind == "passmint") {
    status = loopback_request("DELETE", cloud_url_ + "/v1/passes/" + serial,
                              {{"Authorization", "Bearer " + key}});
  } else if (cloud_->kind == "passinstance") {
    status = loopback_request("DELETE", cloud_url_ + "/passes/" + serial, {{"X-API-Key", key}});
  } else {
    // Its API has no call for it: the organiser's dashboard does it.
    const json pass = {{"template", cloud_->pass_template},
                       {"pass", {{"serial", serial}, {"voided", true}}}};
    status = loopback_request("POST", cloud_url_ + "/_sim/passes",
                              {{"Content-Type", "application/json"}}, pass.dump());
  }
  if (!status) return std::unexpected(status.error());
  if (*status < 200 || *status > 299) return fail(Errc::rejected, *status);
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
