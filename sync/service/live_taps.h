// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "runtime/log.h"
#include "runtime/socket_client.h"
#include "sync/worker.h"

namespace passgate::sync {

/// A tap's position in the journal; 0: it is not in there.
std::uint64_t position_of(const nlohmann::json& tap);
/// Whether it is what a merge found, and so nothing that happens at a reader.
bool is_conflict(const nlohmann::json& tap);

/// What happens at the gate now, for those who watch over HTTP: follows passgated
/// over core.sock, keeps the last taps and what the terminal is like. passgated
/// may come and go; what it wrote to its journal meanwhile is fetched.
/// One thread calls run(); all else is for any thread.
class LiveTaps {
 public:
  static constexpr std::size_t kKept = 256;

  struct Tap {
    nlohmann::json report;  ///< As passgated tells it, or as its journal has it.
    bool replayed = false;  ///< From the journal: it was not told when it happened.
    MonoTime seen;
  };
  struct State {
    bool connected = false;
    WallTime since;                    ///< When that began.
    nlohmann::json core;               ///< STATE of daemon/socket_service.h; null: absent.
    std::vector<std::string> reasons;  ///< readiness.h
    nlohmann::json readers;            ///< [{"reader","state"}]; none while absent.
    std::uint64_t version = 0;         ///< Rises with every change, and with every beat.
  };
  struct News {
    std::vector<std::shared_ptr<const Tap>> taps;
    std::uint64_t next = 0;  ///< To ask for next time.
    bool missed = false;     ///< There were more before, and they are not kept any longer.
  };
  /// Where a watcher begins.
  struct Place {
    std::uint64_t watcher = 0;   ///< For detach().
    std::uint64_t next = 0;      ///< Number of the tap to come.
    std::uint64_t position = 0;  ///< In the journal, of the last tap before; 0: not known.
  };

  /// Borrowed; outlive the object.
  struct Parts {
    const Clock& clock;
    const runtime::Log& log;
    Random random;
  };
  struct Settings {
    std::filesystem::path core_sock;
    std::vector<std::string> readers;  ///< Of each [[reader]] its name; empty: it has none.
    Milliseconds beat{2000};           ///< A watcher is woken at least so often.
    Milliseconds silence{12'000};      ///< Then a passgated that says nothing counts as absent.
  };
  /// @param stop_fd  Borrowed; becomes readable when it is time to end.
  LiveTaps(Settings settings, Parts parts, int stop_fd);

  void run();  ///< Until `stop_fd` is readable.

  State state() const;
  /// What passgated said of itself last, seconds ago; null: it is absent.
  nlohmann::json status() const;
  std::size_t watchers() const;
  /// Whether a [[reader]] has that name, or passgated calls one so.
  bool knows_reader(std::string_view name) const;
  /// @param most  At most so many taps at once.
  News since(std::uint64_t number, std::size_t most) const;
  std::uint64_t next() const;

  /// @param wake  Called without a lock, and perhaps once more after detach().
  Place attach(std::function<void()> wake);
  void detach(std::uint64_t watcher);

 private:
  using Json = nlohmann::json;

  /// One connection, to its end; the error says why it ended.
  Error follow();
  Status ask(const runtime::Message& question);
  Status take(runtime::Message message);
  void catch_up(const Json& taps);
  void tell_held(std::uint64_t told);
  void set_state(const Json& core);
  void set_absent();
  void publish(Json report, bool replayed);
  void skip_all();
  void beat_if_due();
  void wake_all();
  void note(const Error& why);
  bool pause(Milliseconds length);  ///< False: time to end.
  Json readers_of(const Json& core) const;

  const Settings settings_;
  const Parts parts_;
  const int stop_fd_;

  // Of the thread that runs.
  std::optional<runtime::SocketClient> client_;
  bool catching_up_ = false;
  std::vector<Json> held_;  ///< Told while catching up.
  std::optional<std::uint64_t> position_;
  MonoTime last_beat_;
  MonoTime last_status_;
  unsigned failures_ = 0;
  std::optional<Error> noted_;

  mutable std::mutex mutex_;
  State state_;
  Json status_;
  std::deque<std::shared_ptr<const Tap>> taps_;
  std::uint64_t next_ = 0;
  std::uint64_t last_position_ = 0;
  std::uint64_t last_watcher_ = 0;
  std::map<std::uint64_t, std::shared_ptr<const std::function<void()>>> watchers_;
};

}  // namespace passgate::sync
