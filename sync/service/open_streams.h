// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <microhttpd.h>

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

#include "sync/service/http_message.h"

namespace passgate::sync {

/// The streams that are being sent, of all addresses together. A stream that has
/// nothing to say costs no thread: its connection is suspended until it wakes.
/// Thread-safe.
class OpenStreams {
 public:
  explicit OpenStreams(std::size_t most) : most_(most) {}
  ~OpenStreams();
  OpenStreams(const OpenStreams&) = delete;
  OpenStreams& operator=(const OpenStreams&) = delete;

  /// The response that sends `stream` on `connection`, to be queued there at once
  /// and nowhere else. Null: as many as allowed are open, or all have been ended.
  MHD_Response* open(MHD_Connection* connection, std::unique_ptr<ReplyStream> stream);

  /// Every stream ends, and no other begins. libmicrohttpd must not be stopped
  /// before: it panics when a connection is still suspended.
  void end_all();

  std::size_t count() const;

 private:
  class Bell;
  struct Sending;
  static ssize_t on_room(void* sending, std::uint64_t position, char* to, std::size_t room);
  static void on_over(void* sending);

  const std::size_t most_;
  mutable std::mutex mutex_;
  bool ended_ = false;
  std::list<std::shared_ptr<Bell>> bells_;  ///< Of the open ones.
};

}  // namespace passgate::sync
