// SPDX-License-Identifier: Apache-2.0
#include "sync/till_link.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/require.h"
#include "sync/error_message.h"

namespace passgate::sync {
namespace {

using runtime::Message;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

/// Between attempts without a text: that the till is back should be known before
/// somebody taps. A text does not wait for the next one.
constexpr Milliseconds kFirstPause = 1s;
constexpr Milliseconds kLastPause = 30s;

}  // namespace

TillLink::TillLink(std::optional<runtime::TcpPlace> place, const runtime::Log& log)
    : place_(std::move(place)), log_(log), bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  PG_REQUIRE(bell_.get() >= 0);
  if (place_) lookup_.emplace(place_->host, place_->port);
}

TillLink::~TillLink() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void TillLink::start(std::function<void()> on_answer) {
  on_answer_ = std::move(on_answer);
  if (!place_) return;
  lookup_->refresh([this] { ring(); });
  thread_ = std::thread([this] { work(); });
}

void TillLink::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  ring();
}

void TillLink::ring() const noexcept {
  ::eventfd_write(bell_.get(), 1);
}

std::optional<Message> TillLink::ask(ClientId client, const Message& message) {
  const auto& text = message.at("text").get_ref<const std::string&>();
  if (!place_ || text.empty()) return error_message(Errc::bad_value);
  if (text.size() > kLongestText) return error_message(Errc::too_large);
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(busy_, true)) return error_message(Errc::rate_limited);
    waiting_ = Text{.client = client, .text = text, .deadline = steady_clock::now() + kTextTime};
  }
  ring();
  return std::nullopt;
}

std::optional<std::pair<TillLink::ClientId, Message>> TillLink::take() {
  const std::lock_guard lock(mutex_);
  if (answered_) busy_ = false;
  return std::exchange(answered_, std::nullopt);
}

void TillLink::forget(ClientId client) {
  const std::lock_guard lock(mutex_);
  if (!waiting_ || waiting_->client != client) return;
  waiting_.reset();  // passgated has given up: nobody expects the text any more.
  busy_ = false;
}

nlohmann::json TillLink::status() const {
  if (!place_) return nullptr;
  const std::lock_guard lock(mutex_);
  return {{"place", fmt::format("{}:{}", place_->host, place_->port)},
          {"state", trouble_.empty() ? "connected" : "unreachable"},
          {"last_error", trouble_}};
}

void TillLink::work() {
  for (;;) {
    wait();
    auto text = next_text();
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) return;
    }
    if (connection_ && connection_->is_closed()) {
      connection_.reset();
      next_try_ = steady_clock::now();
      note(fail(Errc::connection_lost, ECONNRESET));
    }
    if (text) {
      const Status typed = type(*text);
      note(typed);
      {
        const std::lock_guard lock(mutex_);
        answered_.emplace(text->client,
                          typed ? Message{{"type", "typed"}} : error_message(typed.error().code()));
      }
      on_answer_();
    } else if (!connection_ && steady_clock::now() >= next_try_) {
      note(connect(steady_clock::now() + kConnectTime));
    }
  }
}

/// Until there is a text, the till says or closes something, or it is time to
/// look for it again.
void TillLink::wait() {
  ::pollfd waiting[] = {{bell_.get(), POLLIN, 0},
                        {connection_ ? connection_->fd() : -1, POLLIN | POLLRDHUP, 0}};
  const int timeout =
      connection_ ? -1 : runtime::poll_timeout(next_try_, steady_clock::now(), kLastPause);
  ::poll(waiting, std::size(waiting), timeout);
  ::eventfd_t ignored = 0;
  ::eventfd_read(bell_.get(), &ignored);
}

std::optional<TillLink::Text> TillLink::next_text() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, std::nullopt);
}

Status TillLink::connect(MonoTime deadline) {
  const auto addresses = lookup_->addresses();
  Result<TillConnection> opened = fail(Errc::unreachable, EHOSTUNREACH);
  if (!addresses.empty()) {
    opened =
        TillConnection::open(addresses, std::min(deadline, steady_clock::now() + kConnectTime));
  }
  if (opened) {
    connection_ = std::move(*opened);
    pause_ = 0ms;
    return {};
  }
  pause_ = std::clamp(pause_ * 2, kFirstPause, kLastPause);
  next_try_ = steady_clock::now() + pause_;
  lookup_->refresh([this] { ring(); });  // Perhaps it has moved.
  return std::unexpected(opened.error());
}

/// A connection that turns out to be gone before anything was sent is made anew,
/// once: the till may have been switched off and on since the last text.
Status TillLink::type(const Text& text) {
  const bool kept = connection_.has_value();
  if (!kept) {
    if (auto connected = connect(text.deadline); !connected) return connected;
  }
  Status sent = connection_->send(text.text, text.deadline);
  if (sent) return sent;
  connection_.reset();
  if (!kept || sent.error().code() != Errc::unreachable) return sent;
  if (auto connected = connect(text.deadline); !connected) return connected;
  sent = connection_->send(text.text, text.deadline);
  if (!sent) connection_.reset();
  return sent;
}

void TillLink::note(const Status& outcome) {
  std::string trouble;
  if (!outcome) {
    trouble = lookup_->addresses().empty()
                  ? "the name has no address"
                  : std::generic_category().message(outcome.error().detail());
  }
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    changed = std::exchange(trouble_, trouble) != trouble;
  }
  if (!changed) return;
  const auto where = fmt::format("{}:{}", place_->host, place_->port);
  if (outcome) {
    log_(runtime::Level::info, "the till is connected", {{"till", where}});
  } else {
    log_(runtime::Level::warning, "the till cannot be reached: " + trouble, outcome.error(),
         {{"till", where}});
  }
}

}  // namespace passgate::sync
