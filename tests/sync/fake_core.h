// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gate/tap_record.h"
#include "runtime/socket_server.h"

namespace passgate::sync::test {

/// What passgated tells of a tap while it happens; its pass is for seat 12A.
runtime::Message report_of(const gate::TapRecord& tap);

/// passgated's side of core.sock on a real socket, with a journal in memory.
class FakeCore {
 public:
  /// @param journal  What happened before anybody could ask.
  explicit FakeCore(const std::filesystem::path& socket, std::vector<gate::TapRecord> journal = {});
  ~FakeCore();
  FakeCore(const FakeCore&) = delete;
  FakeCore& operator=(const FakeCore&) = delete;

  /// Something happened at the gate; it is streamed to who subscribed.
  void record(std::vector<gate::TapRecord> taps);
  /// Sends a message as it is, at the next chance.
  void say(runtime::Message message);
  /// The same, and whoever follows is told at once.
  void happen(const gate::TapRecord& tap);
  /// Told to whoever follows; the journal does not have it.
  void tell(runtime::Message report);
  /// STATE, told to whoever follows; at first there is one idle reader, "north-1".
  void become(runtime::Message state);
  /// The answer to `status` and `pass`; at first there is none to `pass`.
  void answer_with(const std::string& type, runtime::Message answer);
  /// Called on the server's thread when the journal is asked, before it answers.
  void before_taps(std::function<void(const runtime::Message&)> call);
  /// Waits until so many follow. False after 20 s.
  bool wait_for_followers(std::size_t count);
  /// The last question of that type.
  runtime::Message last_question(const std::string& type);

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
