// SPDX-License-Identifier: Apache-2.0
#include "daemon/remote_sink.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "hid/line_text.h"

namespace passgate::daemon {
namespace {

using runtime::Message;
using std::chrono::steady_clock;

/// What passgate-syncd says of the till, and how the log tells it.
constexpr std::array<std::pair<Errc, int>, 4> kTroubles{{{Errc::unreachable, EHOSTUNREACH},
                                                         {Errc::deadline_exceeded, ETIMEDOUT},
                                                         {Errc::connection_lost, ECONNRESET},
                                                         {Errc::rate_limited, EBUSY}}};

std::unexpected<Error> unavailable(int why) {
  return fail(Errc::input_device_unavailable, why);
}

int trouble_named(std::string_view code) {
  const auto* found = std::ranges::find_if(
      kTroubles, [&](const auto& trouble) { return name(trouble.first) == code; });
  return found == kTroubles.end() ? EPROTO : found->second;
}

}  // namespace

RemoteSink::RemoteSink(TillSettings settings, hid::Layout layout)
    : settings_(std::move(settings)), layout_(std::move(layout)) {}

Result<std::unique_ptr<RemoteSink>> RemoteSink::make(TillSettings settings) {
  auto layout = hid::Layout::compile(settings.layout);
  if (!layout) return std::unexpected(layout.error());
  return std::unique_ptr<RemoteSink>(new RemoteSink(std::move(settings), std::move(*layout)));
}

Status RemoteSink::type(std::string_view text) {
  const auto line = hid::line_text(text, layout_, settings_.newline);
  if (!line) return std::unexpected(line.error());
  if (line->empty()) return {};
  const std::lock_guard lock(mutex_);
  const auto answer = ask({{"type", "type"}, {"text", *line}});
  if (!answer) {
    return unavailable(answer.error().code() == Errc::deadline_exceeded ? ETIMEDOUT : ECONNREFUSED);
  }
  const std::string kind = answer->value("type", "");
  if (kind == "typed") return {};
  return unavailable(kind == "error" ? trouble_named(answer->value("error", "")) : EPROTO);
}

/// Once more when the connection was an old one: passgate-syncd may have been
/// started again since the last text. It has not read a text that could not be
/// sent; one that it may have read is not sent twice.
Result<Message> RemoteSink::ask(const Message& question) {
  const MonoTime deadline = steady_clock::now() + settings_.budget;
  for (;;) {
    const bool kept = client_.has_value();
    if (!kept) {
      auto connected = runtime::SocketClient::connect(settings_.sync_sock);
      if (!connected) return std::unexpected(connected.error());
      client_ = std::move(*connected);
    }
    if (const auto sent = client_->send(question, deadline); !sent) {
      client_.reset();
      if (!kept || sent.error().code() != Errc::unreachable) return std::unexpected(sent.error());
      continue;
    }
    auto answer = client_->receive(deadline);
    if (!answer) client_.reset();  // A late answer must not pass for the next one.
    return answer;
  }
}

}  // namespace passgate::daemon
