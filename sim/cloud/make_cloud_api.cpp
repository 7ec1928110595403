// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/make_cloud_api.h"

#include <utility>

#include "core/bytes.h"
#include "sim/cloud/passinstance_api.h"
#include "sim/cloud/passmint_api.h"
#include "sim/cloud/passninja_api.h"
#include "sim/cloud/passworks_api.h"

namespace passgate::sim {

const std::vector<std::string>& cloud_kinds() {
  static const std::vector<std::string> kKinds = {"passinstance", "passmint", "passninja",
                                                  "passworks"};
  return kKinds;
}

Result<std::unique_ptr<CloudApi>> make_cloud_api(CloudOptions options, PassBook& book,
                                                 const Clock& clock) {
  if (options.kind == "passninja") {
    return std::make_unique<PassNinjaApi>(
        PassNinjaApi::Settings{.account_id = std::move(options.account_id),
                               .api_key = std::move(options.api_key),
                               .reader_token = std::move(options.reader_token),
                               .webhook_secret = std::move(options.webhook_secret),
                               .max_per_page = options.max_per_page,
                               .rescan_window = std::chrono::seconds{options.rescan_window_s}},
        book, clock);
  }
  if (options.kind == "passmint") {
    // The prefix says which mode the key is for; a sandbox is for tests.
    if (!text_of(options.api_key.expose()).starts_with("pmk_test_")) return fail(Errc::bad_key);
    return std::make_unique<PassmintApi>(
        PassmintApi::Settings{.api_key = std::move(options.api_key),
                              .scanner_token = std::move(options.reader_token),
                              .pairing_code = std::move(options.pairing_code),
                              .webhook_secret = std::move(options.webhook_secret),
                              .max_per_page = options.max_per_page,
                              .old_events = options.old_events},
        book, clock);
  }
  if (options.kind == "passinstance") {
    PassinstanceOptions more;
    more.push_secret = std::move(options.webhook_secret);
    more.signature_header = std::move(options.signature_header);
    return std::make_unique<PassinstanceApi>(book, std::move(options.api_key), clock,
                                             std::move(more));
  }
  if (options.kind == "passworks") {
    PassworksOptions more;
    more.push_authorization = std::move(options.webhook_secret);
    return std::make_unique<PassworksApi>(book, options.account_id, options.api_key, clock,
                                          std::move(more));
  }
  return fail(Errc::bad_value);
}

}  // namespace passgate::sim
