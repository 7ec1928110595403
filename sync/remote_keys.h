// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/secret.h"
#include "runtime/frame.h"
#include "runtime/log.h"
#include "sync/http/curl_client.h"

namespace passgate::sync {

/// One [[decrypt_service]], its key resolved.
struct DecryptServiceTerms {
  std::string name;
  std::string url;  ///< The base: ".../v1".
  std::string account_id;
  SecretBytes api_key;
  Milliseconds timeout{1500};
};

/// Payloads whose keys lie elsewhere. passgated asks over sync.sock:
///   {"type":"open_remote","service":NAME,"template":T,"payload":HEX}
///   -> {"type":"opened","payload":HEX,"stamped_at":RFC3339?} | {"type":"error","error":CODE}
/// CODE: auth_failed (it does not open), not_listed, rejected, rate_limited (by
/// the service, or too much waits here), deadline_exceeded, bad_reply, bad_hex,
/// bad_value (no such service), unreachable and its like.
/// A few threads wait for the services, so that the socket's thread never does.
class RemoteKeys {
 public:
  using ClientId = std::uint64_t;  ///< SocketServer's.
  static constexpr std::size_t kThreads = 4;
  static constexpr std::size_t kMostWaiting = 16;

  /// @param log  Borrowed. What was opened is neither logged nor kept.
  RemoteKeys(std::vector<DecryptServiceTerms> services, const runtime::Log& log);
  ~RemoteKeys();
  RemoteKeys(const RemoteKeys&) = delete;
  RemoteKeys& operator=(const RemoteKeys&) = delete;

  /// Once. No thread is made where there is no service.
  /// @param on_answer  From any thread: there is something to take().
  void start(std::function<void()> on_answer);
  /// Ends requests under way; nothing is answered any more. From any thread.
  void stop() noexcept;

  // The socket's thread:
  /// The answer, where nobody has to be asked for it. Throws the library's
  /// exception for members that are missing or of another type.
  std::optional<runtime::Message> ask(ClientId client, const runtime::Message& message);
  /// Answers that came since. A client's are in no order.
  std::vector<std::pair<ClientId, runtime::Message>> take();
  /// Nobody waits for that client's answers any more.
  void forget(ClientId client);

 private:
  struct Question {
    ClientId client = 0;
    const DecryptServiceTerms* service = nullptr;
    std::string pass_template;
    std::string payload;
    MonoTime deadline;
  };
  void work(CurlClient& http);
  runtime::Message answer(const Question& question, CurlClient& http) const;
  void report(const Question& question, const Error& error) const;

  const std::vector<DecryptServiceTerms> services_;
  const runtime::Log& log_;
  std::function<void()> on_answer_;
  std::mutex mutex_;
  std::condition_variable bell_;
  bool stopped_ = false;
  std::deque<Question> waiting_;
  std::vector<std::pair<ClientId, runtime::Message>> answered_;
  std::vector<std::unique_ptr<CurlClient>> clients_;  ///< One a thread.
  std::vector<std::thread> threads_;
};

}  // namespace passgate::sync
