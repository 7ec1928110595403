// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/secret.h"
#include "sim/cloud/cloud_api.h"
#include "sim/cloud/pass_book.h"
#include "sim/http/message.h"

namespace passgate::sim {

/// PassNinja API v1 on a pass book: GET, PATCH, PUT and DELETE below /v1/passes/
/// with the account's key, POST /v1/scans with a reader's token.
///
/// Errors are answers, flat as on the vendor's REST routes (`{"error","code"}`):
/// UA1 401, UA2 403, MR1 and MR2 404, MI1 and IP1 400, RL1 429, GE77 5xx, and
/// ENTERPRISE_REQUIRED 403 where there is no reader. Nothing is deduplicated: a
/// scan that comes again within the rescan window is `rejected_replay`, after it
/// is a second use. The window is by when scans arrive: what `scannedAt` does to
/// it is not documented.
///
/// A PATCH or PUT that reached its pass pushes `pn.pass.updated`.
class PassNinjaApi final : public CloudApi {
 public:
  struct Settings {
    std::string account_id;
    SecretBytes api_key{};
    SecretBytes reader_token{};    ///< Empty: the account has no readers.
    SecretBytes webhook_secret{};  ///< The subscription's bearer; empty: no pushes.
    std::size_t max_per_page = 100;
    std::chrono::seconds rescan_window{10};
  };

  PassNinjaApi(Settings settings, PassBook& book, const Clock& clock)
      : settings_(std::move(settings)), book_(book), clock_(clock) {}

  bool lists(const HttpRequest& request) const override;
  ApiAnswer admit(const HttpRequest& request) const override;
  ApiAnswer answer(const HttpRequest& request, const ListQuirks& quirks) override;
  ApiAnswer failing(int status) const override;
  bool tells_rate() const override { return false; }
  std::vector<Push> take_pushes() override { return std::exchange(pushes_, {}); }

 private:
  ApiAnswer list(const PassTemplate& of, const Target& target, const ListQuirks& quirks) const;
  static ApiAnswer show(const PassTemplate& of, const CloudPass& pass);
  ApiAnswer write(const PassTemplate& of, CloudPass& pass, const HttpRequest& request);
  ApiAnswer scan(const HttpRequest& request);
  /// The `result` of a scan of this pass, which it is entered with.
  std::string judge(CloudPass& pass, const std::string& scan_id, const std::string& scanned_at);
  void push_updated(const PassTemplate& of, const CloudPass& pass);

  Settings settings_;
  PassBook& book_;                                 ///< Outlives *this.
  const Clock& clock_;                             ///< Outlives *this.
  std::map<std::string, MonoTime> last_accepted_;  ///< By pass id.
  std::vector<Push> pushes_;
};

}  // namespace passgate::sim
