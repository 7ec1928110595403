// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/secret.h"
#include "sim/cloud/cloud_api.h"
#include "sim/cloud/pass_book.h"
#include "sim/http/target.h"

namespace passgate::sim {

/// What happened to the passes of a Passmint account: a log that can be asked
/// (GET /v1/events), and the pushes it gives rise to. Used by one thread.
///
/// The log speaks the vendor's unprefixed words (updated, voided, redeemed), pushes
/// the newer prefixed ones (pass.update_pushed, pass.voided, pass.redeemed) or, with
/// `old_events`, the older (pass.updated, pass.voided; of uses it says nothing).
class PassmintEvents {
 public:
  static constexpr std::size_t kMost = 100'000;  ///< Above it the oldest is forgotten.

  /// @param webhook_secret  Signs as it is, `whsec_` included; empty: no pushes.
  PassmintEvents(SecretBytes webhook_secret, bool old_events)
      : secret_(std::move(webhook_secret)), old_(old_events) {}

  /// The pass as it is after the event.
  void updated(const PassTemplate& of, const CloudPass& pass, WallTime now);
  void voided(const PassTemplate& of, const CloudPass& pass, WallTime now);
  void redeemed(const PassTemplate& of, const CloudPass& pass, const std::string& device_id,
                WallTime now);

  /// One page, newest first: `since` (inclusive), `until` (exclusive), `type`,
  /// `pass_id`, `template_id`, `limit`, `starting_after`.
  ApiAnswer list(const Target& target) const;

  std::vector<CloudApi::Push> take_pushes() { return std::exchange(pushes_, {}); }

 private:
  struct Event {
    std::string id;
    std::string pass_id;
    std::string template_id;
    std::string type;
    WallTime at;  ///< Whole seconds, as the vendor shows them.
  };
  void log(const PassTemplate& of, const CloudPass& pass, std::string type, WallTime now);
  /// @param event  The `data` and what differs between the generations.
  void push(const std::string& type, nlohmann::json event, WallTime now);

  SecretBytes secret_;
  bool old_;
  std::deque<Event> events_;  ///< Newest last.
  std::vector<CloudApi::Push> pushes_;
};

}  // namespace passgate::sim
