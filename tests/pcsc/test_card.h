// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

#include "core/bytes.h"

namespace passgate::test {

/// A card in the field of a virtual reader: present from construction until it
/// leaves. Its thread answers in vpcd's framing.
class TestCard {
 public:
  /// Given a command APDU; an empty answer means "leave instead of answering".
  using Answer = std::function<Bytes(ByteView)>;
  static Bytes success(ByteView) { return {0x90, 0x00}; }

  explicit TestCard(const std::filesystem::path& socket, Answer answer = success);
  ~TestCard();
  TestCard(const TestCard&) = delete;
  TestCard& operator=(const TestCard&) = delete;

  /// Ends the presence; returns when the thread is out.
  void leave();
  /// True once the reader (or pcscd with it) has given the card up, or it left.
  bool is_out() const { return out_; }
  unsigned commands() const { return commands_; }
  unsigned power_ons() const { return power_ons_; }
  unsigned power_offs() const { return power_offs_; }

 private:
  void serve();
  bool answer_frame(ByteView payload);
  int fd_;
  Answer answer_;
  std::atomic<unsigned> commands_ = 0;
  std::atomic<unsigned> power_ons_ = 0;
  std::atomic<unsigned> power_offs_ = 0;
  std::atomic<bool> out_ = false;
  std::thread thread_;
};

}  // namespace passgate::test
