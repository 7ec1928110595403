// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/secret.h"
#include "sim/cloud/cloud_api.h"
#include "sim/cloud/idempotency_keys.h"
#include "sim/cloud/pass_book.h"
#include "sim/cloud/passmint_events.h"
#include "sim/http/message.h"

namespace passgate::sim {

/// Passmint API v1 on a pass book: passes, templates, events, scanners and scans.
///
///   GET    /v1/me   /v1/passes   /v1/passes/{id}   /v1/passes/{id}/redemptions
///          /v1/passes/{id}/events   /v1/templates/{id}   /v1/events
///   PATCH  /v1/passes/{id}    DELETE /v1/passes/{id}
///   POST   /v1/scanners/pair {"code"}   (nobody's key)
///   POST   /v1/scan {"code"}            (a scanner's token)
///
/// Where the documents are silent: passes are listed newest first; `field_values`
/// and `metadata` of a PATCH replace the whole map; a list of a template that does
/// not exist is empty; a scan finds a pass by what its barcode says, else by its
/// serial; the outcome of a scan is spelt as the scan log spells it.
///
/// An Idempotency-Key is honoured on POST and PATCH for 24 hours, but not on
/// /v1/scan, for which none is documented: the same scan again is another scan.
/// Whatever the API answered is kept, refusals too.
class PassmintApi final : public CloudApi {
 public:
  struct Settings {
    SecretBytes api_key{};
    SecretBytes scanner_token{};   ///< Of a scanner paired earlier; empty: none was.
    SecretBytes pairing_code{};    ///< Pairs one scanner, once; empty: none.
    SecretBytes webhook_secret{};  ///< Empty: no pushes.
    std::size_t max_per_page = 100;
    bool old_events = false;  ///< Pushes speak the older vocabulary.
  };

  PassmintApi(Settings settings, PassBook& book, const Clock& clock);

  bool lists(const HttpRequest& request) const override;
  ApiAnswer admit(const HttpRequest& request) const override;
  ApiAnswer answer(const HttpRequest& request, const ListQuirks& quirks) override;
  ApiAnswer failing(int status) const override;
  bool tells_rate() const override { return false; }
  std::vector<Push> take_pushes() override { return events_.take_pushes(); }

 private:
  /// A device that may scan.
  struct Scanner {
    std::string id;
    std::string name;
    SecretBytes token;
  };

  const Scanner* scanner_of(const HttpRequest& request) const;
  ApiAnswer route(const HttpRequest& request, const ListQuirks& quirks);
  ApiAnswer list(const Target& target, const ListQuirks& quirks) const;
  ApiAnswer pass_route(const HttpRequest& request);
  ApiAnswer patch(const PassTemplate& of, CloudPass& pass, const std::string& text);
  ApiAnswer void_pass(const PassTemplate& of, CloudPass& pass);
  ApiAnswer pair(const std::string& text);
  ApiAnswer scan(const HttpRequest& request);
  std::pair<PassTemplate*, CloudPass*> find_scanned(std::string_view code);

  Settings settings_;
  PassBook& book_;      ///< Outlives *this.
  const Clock& clock_;  ///< Outlives *this.
  PassmintEvents events_;
  IdempotencyKeys keys_;
  std::vector<Scanner> scanners_;  ///< At most two.
};

}  // namespace passgate::sim
