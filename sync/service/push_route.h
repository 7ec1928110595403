// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/guarded.h"
#include "sync/service/http_message.h"
#include "sync/steady_wall.h"
#include "sync/store/outbox.h"
#include "sync/webhook/push.h"

namespace passgate::sync {

/// What came to one provider's route since the start.
struct PushCounts {
  std::uint64_t accepted = 0;   ///< Genuine, new, and on disk.
  std::uint64_t duplicate = 0;  ///< Genuine, and was there before.
  std::uint64_t ignored = 0;    ///< Genuine, and about no pass.
  std::uint64_t refused = 0;    ///< Not genuine, too old, or not as documented.
  std::uint64_t unstored = 0;   ///< Sent away until there is room on disk.
  std::optional<Errc> last_refusal;

  friend bool operator==(const PushCounts&, const PushCounts&) = default;
};

/// `POST /webhooks/{provider}`: what a provider pushes is verified and laid in
/// the outbox before it is acknowledged; all else is done later, by that
/// provider's worker. Thread-safe.
class PushRoute {
 public:
  /// By the provider's name. Null: it has no webhook configured.
  using Readers = std::map<std::string, std::unique_ptr<PushReader>, std::less<>>;
  struct Deps {
    Outbox& outbox;
    const Clock& clock;
    const SteadyWall& times;
    std::function<void()> on_job;  ///< Something new lies in the outbox; must not block.
  };
  PushRoute(Readers readers, Deps deps);

  static bool serves(const HttpAsk& ask);
  /// 200 for what was stored now or before, and for what is genuine and of no
  /// concern; otherwise a problem that repeats nothing of what came.
  HttpReply answer(const HttpAsk& ask);

  /// Absent: no such provider, or without a webhook.
  std::optional<PushCounts> counts(std::string_view provider) const;

 private:
  struct Entrance {
    std::unique_ptr<PushReader> reader;
    Guarded<PushCounts> counts;
  };
  HttpReply take(const std::string& provider, Entrance& entrance, const HttpAsk& ask);
  HttpReply store(const std::string& provider, Entrance& entrance, const Push& push);

  std::map<std::string, Entrance, std::less<>> entrances_;
  Deps deps_;
};

}  // namespace passgate::sync
