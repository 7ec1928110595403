// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "sync/service/http_message.h"
#include "sync/service/live_taps.h"
#include "sync/service/route_ask.h"

namespace passgate::sync {

/// `GET /v1/taps/stream`: server-sent events (docs/http.md, "The stream"). First
/// what the terminal is like, then what the journal holds after the cursor the
/// watcher has, then what happens; each tap once, and none left out unsaid.
class TapStream final : public ReplyStream {
 public:
  static constexpr std::size_t kBatch = 256;   ///< Taps asked of the journal at once,
  static constexpr unsigned kMostBatches = 4;  ///< so often.

  enum class View : std::uint8_t {
    display,  ///< What anybody at the gate may see: nothing that names a pass.
    operate,  ///< The whole tap.
  };
  struct Terms {
    View view = View::display;
    std::string reader;                  ///< Only this one; empty: all.
    std::optional<std::uint64_t> after;  ///< Last-Event-ID.
  };
  /// `live` and `clock` are borrowed; they outlive the stream.
  TapStream(LiveTaps& live, AskCore ask_core, const Clock& clock, Terms terms);
  ~TapStream() override;
  TapStream(const TapStream&) = delete;
  TapStream& operator=(const TapStream&) = delete;

  void start(std::function<void()> wake) override;
  std::string take() override;
  bool ended() const override { return false; }

 private:
  using Json = nlohmann::json;
  struct Replay {
    std::uint64_t after;
    unsigned batches = 0;
    unsigned failures = 0;
  };
  std::string take_replay();
  std::string end_replay(std::string text);
  std::string take_live();
  std::string state_event(const LiveTaps::State& state) const;
  /// Empty: another reader's.
  std::string tap_event(const Json& tap, bool replayed, Milliseconds age) const;
  std::string gap_event() const;
  /// The journal's taps; absent: it cannot be read now.
  std::optional<Json> journal(std::optional<std::uint64_t> after, std::size_t limit) const;
  Milliseconds age_of(const Json& tap) const;
  void remember(const Json& tap);
  bool was_replayed(const Json& tap);

  LiveTaps& live_;
  const AskCore ask_core_;
  const Clock& clock_;
  const Terms terms_;

  std::optional<std::uint64_t> watcher_;
  std::uint64_t next_ = 0;    ///< Of the live taps.
  std::uint64_t cursor_ = 0;  ///< Position of the last tap that was told or passed over.
  std::optional<Replay> replay_;
  std::uint64_t told_before_ = 0;  ///< Up to this position nothing comes live any more.
  /// Ids of taps that came from the journal and may yet come live. By id, for
  /// positions begin anew when a journal was replaced.
  std::set<std::string> replayed_ids_;
  std::optional<std::uint64_t> seen_version_;
};

}  // namespace passgate::sync
