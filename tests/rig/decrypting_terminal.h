// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "core/require.h"
#include "crypto/vas_phone.h"
#include "runtime/unix_socket.h"
#include "sim/demo/process.h"
#include "tests/rig/temp_folder.h"

namespace passgate::test {

/// passgated and passgate-syncd as processes, with one Apple key and one client
/// that may decrypt. Nothing is said about readers: none is needed.
class DecryptingTerminal {
 public:
  static constexpr std::string_view kTemplate = "ptk_0x14";
  static constexpr std::string_view kAccount = "aid_0xa01";
  static constexpr std::string_view kApiKey = "91dbb1e7af9c80aba6ed3f95a1545b4e";

  explicit DecryptingTerminal(double max_rps = 100) : port_(free_port()) {
    folder_.write("ticket.pem", text_of(pem_.expose()));
    folder_.write("key", kApiKey);
    folder_.write("passgate.toml", fmt::format(R"([terminal]
id = "gate-a1"
state_dir = "state"
runtime_dir = "run"
[[reader]]
mode = "wedge"
[[pass]]
name = "season-ticket"
template = "{}"
apple = {{ pass_type_id = "pass.com.example.ticket", keys = ["file:ticket.pem"] }}
[keyboard]
device = "none"
[http]
listen = ["127.0.0.1:{}"]
[[http.client]]
account_id = "{}"
api_key = "file:key"
roles = ["decrypt"]
templates = ["season-ticket"]
max_rps = {}
)",
                                               kTemplate, port_, kAccount, max_rps));
    core_.emplace(start("passgated"));
    sync_.emplace(start("passgate-syncd"));
  }

  /// Waits until both serve. False after 30 s, or when one of them ended.
  bool wait() const {
    return until([this] {
      return runtime::connect_unix(folder_ / "run/core/core.sock") && connects(port_);
    });
  }
  std::uint16_t port() const { return port_; }
  ::pid_t core_pid() const { return core_->pid(); }
  ::pid_t sync_pid() const { return sync_->pid(); }
  const TempFolder& folder() const { return folder_; }
  std::string said() const {
    return folder_.read("passgated.log") + folder_.read("passgate-syncd.log");
  }
  /// What a phone would hand a reader, in hexadecimal.
  std::string sealed(std::string_view message, WallTime stamp) const {
    const auto cryptogram =
        crypto::seal_vas(pem_, PassTypeId("pass.com.example.ticket"), stamp, bytes_of(message));
    PG_REQUIRE(cryptogram);
    return to_hex(*cryptogram);
  }

 private:
  sim::Process start(const std::string& program) const {
    auto process = sim::Process::start(
        {.command = {PASSGATE_BIN_DIR "/" + program, "--config", folder_ / "passgate.toml"},
         .environment = {},
         .log = folder_ / (program + ".log")});
    PG_REQUIRE(process);
    return std::move(*process);
  }
  template <class F>
  static bool until(F&& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  static bool connects(std::uint16_t port) {
    const runtime::FileDescriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = loopback(port);
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  /// One that nobody listens at now; the configuration wants a number.
  static std::uint16_t free_port() {
    const runtime::FileDescriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    auto address = loopback(0);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    PG_REQUIRE(::bind(fd.get(), raw, size) == 0 && ::getsockname(fd.get(), raw, &size) == 0);
    return ntohs(address.sin_port);
  }

  TempFolder folder_;
  SecretBytes pem_ = crypto::new_private_key_pem();
  std::uint16_t port_;
  std::optional<sim::Process> core_;
  std::optional<sim::Process> sync_;
};

}  // namespace passgate::test
