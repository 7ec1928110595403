// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <thread>

#include "sim/reader/descriptor.h"
#include "sim/reader/reader_fault.h"

namespace passgate::sim {

/// One reader inside pcscd, whose cards are programs.
///
/// A card connects to the stream socket `path` (connected = in the field) and
/// speaks vpcd's framing: two bytes of length, high byte first, then the
/// payload. A payload of one byte from the reader is a control: 0 off, 1 on,
/// 2 reset, 4 ask for the ATR; only 4 is answered. Everything longer is a
/// command APDU and is answered with its response. Faults are ordered through
/// the datagram socket `path`.ctl (reader_fault.h). Each escape command is
/// appended to the file `path`.lamp as one line of hex, in one write(2).
///
/// Threads: pcscd serialises every call on one reader with the reader's lock,
/// except `wait()`, which only the reader's event thread calls, and
/// `interrupt()`, which any thread may call. So the descriptor `card_`, which
/// `wait()` looks at, is changed by the event thread alone.
class VirtualReader {
 public:
  enum class Presence : std::uint8_t { absent, present, gone };
  enum class Power : std::uint8_t { off = 0, on = 1, reset = 2 };
  enum class Outcome : std::uint8_t { done, gone, failed, timed_out, not_supported };
  struct Answer {
    Outcome outcome;
    std::size_t length = 0;  ///< Bytes put into the caller's buffer.
  };

  /// Makes the sockets and the lamp file; null when it cannot.
  static std::unique_ptr<VirtualReader> create(const std::string& path);
  ~VirtualReader();
  VirtualReader(const VirtualReader&) = delete;
  VirtualReader& operator=(const VirtualReader&) = delete;

  Presence presence();
  /// Returns when a card comes or leaves, a fault is ordered, somebody
  /// interrupts, or after `timeout_ms`.
  void wait(int timeout_ms);
  void interrupt() noexcept;

  /// @param atr  Where the ATR goes for `on` and `reset`.
  Answer power(Power power, std::span<std::uint8_t> atr);
  Answer ask_atr(std::span<std::uint8_t> atr);
  Answer transmit(std::span<const std::uint8_t> command, std::span<std::uint8_t> answer);
  /// @param code  The control code without SCARD_CTL_CODE's offset.
  Answer control(std::uint32_t code, std::span<const std::uint8_t> command,
                 std::span<std::uint8_t> answer);

 private:
  explicit VirtualReader(std::string path) : path_(std::move(path)) {}
  void read_faults();
  void apply(ReaderFault fault);
  void suffer_delays();
  bool send_frame(std::span<const std::uint8_t> payload);
  Answer receive_frame(std::span<std::uint8_t> into);
  /// After a broken exchange the stream is out of step: the card is told, and
  /// the event thread wakes up to take it away.
  void give_card_up() noexcept;
  void record_escape(std::span<const std::uint8_t> command);

  std::string path_;
  Descriptor listener_;
  Descriptor faults_in_;
  Descriptor lamp_;
  Descriptor wake_;
  Descriptor card_;
  std::atomic<std::thread::id> event_thread_;
  /// A wait has begun since the last card left, so pcscd has seen it leave.
  bool departure_seen_ = false;
  bool gone_ = false;
  bool hung_ = false;
  unsigned errors_ = 0;
  unsigned cuts_ = 0;
  unsigned delay_ms_ = 0;
};

}  // namespace passgate::sim
