// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace passgate::sync {

/// A request to our own HTTP face, whole.
struct HttpAsk {
  std::string method;
  /// "/webhooks/north%2Fgate" is {"webhooks", "north/gate"}: cut first, decoded
  /// then. "/" is empty.
  std::vector<std::string> path;
  std::vector<std::pair<std::string, std::string>> query;    ///< Decoded.
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::string body;
  /// The name it was sent to, in lower case, without port and brackets: the
  /// authority of an absolute-form target, else the Host header (RFC 9112 §3.2.2).
  /// May be empty.
  std::string host;
  /// The peer is on this machine, and nothing says that it passes on what others
  /// ask (Forwarded, X-Forwarded-For, Via).
  bool local = false;

  /// The first header of that name (lower case); null: there is none.
  const std::string* header(std::string_view name) const;
  /// The first query parameter of that name; null: there is none.
  const std::string* parameter(std::string_view name) const;
};

/// A body whose end nobody knows when it begins: server-sent events.
class ReplyStream {
 public:
  virtual ~ReplyStream() = default;
  /// Called once, before the first take(). `wake` may be called from any thread,
  /// at any time, as often as one likes, also when *this is gone; but not while a
  /// lock is held that take() or the destructor wants.
  virtual void start(std::function<void()> wake) = 0;
  /// What is to be sent next; empty: nothing yet, and a wake follows when there
  /// is. Called on the face's threads, one at a time, only when all that was
  /// given before has gone out: a peer that does not read holds up nobody else.
  virtual std::string take() = 0;
  /// Asked after an empty take(): nothing will come any more.
  virtual bool ended() const = 0;
};

struct HttpReply {
  int status = 200;
  std::string content_type;  ///< Empty: none.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::unique_ptr<ReplyStream> stream{};  ///< Set: `body` is not used.
};

}  // namespace passgate::sync
