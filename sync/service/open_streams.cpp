// SPDX-License-Identifier: Apache-2.0
#include "sync/service/open_streams.h"

#include <algorithm>
#include <exception>
#include <string>

#include "core/require.h"

namespace passgate::sync {

namespace {

constexpr std::size_t kBlock = 4096;  // libmicrohttpd asks for at most so many bytes at once.

}  // namespace

/// What a wake rings. It outlives the connection: one that comes late finds
/// nobody. libmicrohttpd is told to resume only what is suspended, under the lock
/// that suspending takes, so that no wake falls between a look and a sleep.
class OpenStreams::Bell {
 public:
  explicit Bell(MHD_Connection* connection) : connection_(connection) {}

  void ring() {
    const std::lock_guard lock(mutex_);
    rung_ = true;
    resume();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    resume();
  }
  /// The connection is not to be touched any more.
  void part() {
    const std::lock_guard lock(mutex_);
    connection_ = nullptr;
  }
  /// What is rung from here on, the next look has not seen.
  bool about_to_look() {
    const std::lock_guard lock(mutex_);
    rung_ = false;
    return !ended_;
  }
  /// False: look again.
  bool sleep() {
    const std::lock_guard lock(mutex_);
    if (rung_ || ended_) return false;
    MHD_suspend_connection(connection_);
    suspended_ = true;
    return true;
  }

 private:
  void resume() {
    if (!suspended_ || connection_ == nullptr) return;
    suspended_ = false;
    MHD_resume_connection(connection_);
  }

  std::mutex mutex_;
  MHD_Connection* connection_;
  bool suspended_ = false;
  bool rung_ = false;
  bool ended_ = false;
};

struct OpenStreams::Sending {
  OpenStreams& owner;
  std::shared_ptr<Bell> bell;
  std::unique_ptr<ReplyStream> stream;
  bool started = false;
  std::string text = {};  ///< Taken from the stream; sent up to `sent`.
  std::size_t sent = 0;

  /// False: nothing more will come. Else there is text, or the connection sleeps.
  bool fill() {
    if (!started) {
      started = true;
      stream->start([bell = bell] { bell->ring(); });
    }
    do {
      if (!bell->about_to_look()) return false;
      text = stream->take();
      sent = 0;
      if (!text.empty()) return true;
      if (stream->ended()) return false;
    } while (!bell->sleep());
    return true;
  }
};

OpenStreams::~OpenStreams() {
  PG_REQUIRE(bells_.empty());
}

MHD_Response* OpenStreams::open(MHD_Connection* connection, std::unique_ptr<ReplyStream> stream) {
  auto bell = std::make_shared<Bell>(connection);
  {
    const std::lock_guard lock(mutex_);
    if (ended_ || bells_.size() >= most_) return nullptr;
    bells_.push_back(bell);
  }
  auto sending = std::make_unique<Sending>(*this, std::move(bell), std::move(stream));
  auto* response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, kBlock, &on_room,
                                                     sending.get(), &on_over);
  // From here on it belongs to the response, which gives it to `on_over`.
  auto* raw = sending.release();
  if (response == nullptr) on_over(raw);
  return response;
}

ssize_t OpenStreams::on_room(void* self, std::uint64_t /*position*/, char* to, std::size_t room) {
  auto& sending = *static_cast<Sending*>(self);
  try {
    if (sending.sent == sending.text.size() && !sending.fill()) {
      return MHD_CONTENT_READER_END_OF_STREAM;
    }
  } catch (const std::exception&) {
    return MHD_CONTENT_READER_END_WITH_ERROR;
  }
  const auto count = std::min(room, sending.text.size() - sending.sent);
  std::copy_n(sending.text.data() + sending.sent, count, to);
  sending.sent += count;
  return static_cast<ssize_t>(count);
}

void OpenStreams::on_over(void* self) {
  const std::unique_ptr<Sending> sending(static_cast<Sending*>(self));
  sending->bell->part();
  const std::lock_guard lock(sending->owner.mutex_);
  sending->owner.bells_.remove(sending->bell);
}

void OpenStreams::end_all() {
  std::list<std::shared_ptr<Bell>> bells;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    bells = bells_;
  }
  for (const auto& bell : bells) bell->end();
}

std::size_t OpenStreams::count() const {
  const std::lock_guard lock(mutex_);
  return bells_.size();
}

}  // namespace passgate::sync
