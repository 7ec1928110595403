// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "runtime/socket_server.h"

namespace passgate::test {

/// A daemon's end of a socket, which answers questions as the test says.
class AnsweringSocket {
 public:
  /// Called on the server's thread; nothing: it keeps silent.
  using Answer = std::function<std::optional<runtime::Message>(const runtime::Message&)>;

  AnsweringSocket(const std::filesystem::path& socket, Answer answer)
      : service_(std::move(answer)),
        server_(std::move(runtime::SocketServer::bind({socket}, {}).value())),
        thread_([this] { server_->run(service_); }) {}
  ~AnsweringSocket() {
    server_->stop();
    thread_.join();
  }
  AnsweringSocket(const AnsweringSocket&) = delete;
  AnsweringSocket& operator=(const AnsweringSocket&) = delete;

  int asked() const { return service_.asked; }
  /// The connection that the last question came over.
  std::uint64_t last_client() const { return service_.last_client; }

 private:
  struct Service final : runtime::SocketServer::Service {
    explicit Service(Answer how) : answer(std::move(how)) {}
    void on_message(runtime::SocketServer& server, std::size_t,
                    runtime::SocketServer::ClientId client,
                    const runtime::Message& message) override {
      ++asked;
      last_client = client;
      if (const auto reply = answer(message)) server.send(client, *reply);
    }
    void on_closed(runtime::SocketServer::ClientId) override {}
    void on_wake(runtime::SocketServer&) override {}
    void on_drained(runtime::SocketServer&, runtime::SocketServer::ClientId) override {}

    const Answer answer;
    std::atomic<int> asked{0};
    std::atomic<std::uint64_t> last_client{0};
  };
  Service service_;
  std::unique_ptr<runtime::SocketServer> server_;
  std::thread thread_;
};

}  // namespace passgate::test
