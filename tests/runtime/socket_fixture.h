// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>

#include "runtime/socket_client.h"
#include "runtime/socket_server.h"
#include "tests/rig/temp_folder.h"

namespace passgate::runtime {

inline constexpr Milliseconds kPlenty{20'000};  ///< Only a failing test ever waits so long.

inline MonoTime soon() {
  return std::chrono::steady_clock::now() + kPlenty;
}

/// Answers as the request says; counts what it is told.
class Scripted final : public SocketServer::Service {
 public:
  void on_message(SocketServer& server, std::size_t listener, SocketServer::ClientId client,
                  const Message& message) override {
    const auto& type = message.at("type").get_ref<const std::string&>();
    if (type == "echo") {
      server.send(client, {{"type", "echo"}, {"listener", listener}, {"n", message.value("n", 0)}});
    } else if (type == "flood") {
      for (int i = 0; i < 100; ++i) server.send(client, {{"type", std::string(64 * 1024, 'x')}});
    } else if (type == "stream") {
      to_stream = message.at("n");
      on_drained(server, client);
    } else if (type == "bye") {
      server.send(client, {{"type", "bye"}});
      server.close(client);
      server.send(client, {{"type", "never sent"}});
    } else if (type == "huge") {
      server.send(client, {{"type", std::string(kMaxFrame, 'x')}});
    } else if (type == "watch") {
      watcher = client;
      server.send(client, {{"type", "watching"}});
    }
  }
  void on_closed(SocketServer::ClientId) override { closed.release(); }
  void on_wake(SocketServer& server) override {
    if (watcher != 0) server.send(watcher, {{"type", "woken"}});
    woken.release();
  }
  void on_drained(SocketServer& server, SocketServer::ClientId client) override {
    if (streamed >= to_stream) return;
    server.send(client, {{"type", "part"}, {"n", streamed++}, {"pad", std::string(10'000, 'x')}});
  }

  // The server's thread only.
  SocketServer::ClientId watcher = 0;
  int to_stream = 0;
  int streamed = 0;

  std::counting_semaphore<> closed{0};
  std::counting_semaphore<> woken{0};
};

/// A server on two sockets in a folder of its own, running in a thread.
class Served : public testing::Test {
 protected:
  void start(const SocketServer::Options& options = {}) {
    auto bound = SocketServer::bind({dir_ / "a.sock", dir_ / "b.sock"}, options);
    ASSERT_TRUE(bound);
    server_ = std::move(*bound);
    thread_ = std::thread([this] { server_->run(service_); });
  }
  void stop() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
  }
  ~Served() override { stop(); }

  SocketClient connect(std::string_view name = "a.sock") const {
    return SocketClient::connect(dir_ / name).value();
  }
  /// A connection that the server has certainly accepted.
  SocketClient accepted() const {
    auto client = connect();
    EXPECT_TRUE(client.ask({{"type", "echo"}}, kPlenty));
    return client;
  }

  test::TempFolder dir_;
  Scripted service_;
  std::unique_ptr<SocketServer> server_;
  std::thread thread_;
};

}  // namespace passgate::runtime
