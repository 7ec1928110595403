// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "daemon/live_feed.h"
#include "gate/journal.h"
#include "runtime/log.h"
#include "runtime/socket_server.h"

namespace passgate::daemon {

/// What passgated answers on its two sockets. Both:
///   status                              -> {"type":"status",…}
///   taps  {"limit":n,"after":position}  -> {"type":"taps","taps":[…],"last":position}
///         the newest `limit` where `after` is left out; at most 256, oldest first
///   follow                              -> {"type":"following","state":STATE}, then for ever
///         {"type":"tap","tap":REPORT} and, when it changes and every few seconds,
///         {"type":"state","state":STATE}
///   pass  {"template":T,"pass_id":P}    -> {"type":"pass",…} (pass_inquiry.h)
///   override, undo                      -> {"type":"act",…} (operator_acts.h)
///   merge {"taps":[RECORD…]}            -> {"type":"merged",…} (meeting.h)
/// core.sock, for passgate-syncd alone:
///   subscribe, ack                      the journal as a stream
///   open  {"template":T,"payload":HEX,"session":{…}}  -> {"type":"opened",…} (payload_opener.h)
/// What cannot be done: {"type":"error","error":CODE}.
///
/// T is a template's id or the name of a [[pass]]. STATE:
///   {"readers":[{"reader":NAME,"pcsc":NAME,"state":"idle|in_tap|unavailable|stuck"}],
///    "pcsc":bool,"journal":"healthy"|"out_of_order","clock":"synchronised|holdover|unset"}
/// REPORT is to_json(TapReport).
///
/// Runs in the socket thread; what it shares with the reader threads (journal,
/// feed) is thread-safe by itself. Wake the server when there is a tap or a new
/// state, and every second: nothing else makes it look.
class SocketService final : public runtime::SocketServer::Service {
 public:
  static constexpr std::size_t kCore = 0;  ///< Index of core.sock among the listeners.
  static constexpr std::size_t kControl = 1;
  static constexpr std::size_t kBatch = 256;  ///< Records a message.
  /// A follower is told the state at the first wake this long after the last
  /// time, if it did not change before.
  static constexpr Milliseconds kStatePause{4000};

  /// Where the answers come from that need more than journal and feed. Called in
  /// the socket thread.
  struct Sources {
    std::function<nlohmann::json()> status;
    std::function<nlohmann::json()> state;
    std::function<Result<nlohmann::json>(const nlohmann::json& question)> pass;
    std::function<Result<nlohmann::json>(const nlohmann::json& question)> open;
    /// For both of an operator's acts; `type` in the question tells which.
    std::function<Result<nlohmann::json>(const nlohmann::json& question)> act;
    std::function<Result<nlohmann::json>(const nlohmann::json& question)> merge;
  };
  SocketService(gate::Journal& journal, LiveFeed& feed, const runtime::Log& log, Sources sources);

  void on_message(runtime::SocketServer& server, std::size_t listener,
                  runtime::SocketServer::ClientId client, const runtime::Message& message) override;
  void on_closed(runtime::SocketServer::ClientId client) override;
  void on_wake(runtime::SocketServer& server) override;
  void on_drained(runtime::SocketServer& server, runtime::SocketServer::ClientId client) override;

 private:
  using ClientId = runtime::SocketServer::ClientId;
  bool answer_core(runtime::SocketServer& server, ClientId client, const std::string& type,
                   const runtime::Message& message);
  bool answer_anybody(runtime::SocketServer& server, ClientId client, const std::string& type,
                      const runtime::Message& message);
  void stream(runtime::SocketServer& server, ClientId client);
  void show(runtime::SocketServer& server, ClientId client);
  void follow(runtime::SocketServer& server, ClientId client);
  void tell_state(runtime::SocketServer& server);
  void send_taps(runtime::SocketServer& server, ClientId client,
                 const Result<std::vector<gate::TapRecord>>& records);

  gate::Journal& journal_;
  LiveFeed& feed_;
  const runtime::Log& log_;
  Sources sources_;
  std::map<ClientId, std::uint64_t> subscribers_;  ///< Position each has been sent.
  std::map<ClientId, std::uint64_t> watchers_;     ///< Feed number each has been sent.
  nlohmann::json told_;                            ///< The state that all watchers know.
  MonoTime told_at_{};
};

}  // namespace passgate::daemon
