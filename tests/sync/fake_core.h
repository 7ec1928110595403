// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "gate/tap_record.h"
#include "runtime/socket_server.h"

namespace passgate::sync::test {

/// passgated's side of core.sock on a real socket, with a journal in memory.
class FakeCore {
 public:
  explicit FakeCore(const std::filesystem::path& socket);
  ~FakeCore();
  FakeCore(const FakeCore&) = delete;
  FakeCore& operator=(const FakeCore&) = delete;

  /// Something happened at the gate; it is streamed to who subscribed.
  void record(std::vector<gate::TapRecord> taps);
  /// Sends a message as it is, at the next chance.
  void say(runtime::Message message);
  /// Waits until that position was acknowledged. False after 20 s.
  bool wait_for_ack(std::uint64_t position);
  /// Waits for the nth subscription. @return What it asked to start after.
  std::uint64_t subscription(std::size_t number);

 private:
  struct Service;
  std::unique_ptr<Service> service_;
  std::unique_ptr<runtime::SocketServer> server_;
  std::thread thread_;
};

}  // namespace passgate::sync::test
