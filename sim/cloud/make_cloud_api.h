// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/secret.h"
#include "sim/cloud/cloud_api.h"
#include "sim/cloud/pass_book.h"

namespace passgate::sim {

/// A sandbox account. What a kind does not have is left out.
struct CloudOptions {
  std::string kind = "passninja";
  std::string account_id;  ///< PassNinja, Passworks.
  SecretBytes api_key{};
  /// The documents of PassNinja name no maximum for pass lists; 100 is what they
  /// name for the vendor's other lists.
  std::size_t max_per_page = 100;
  double requests_per_s = 0;   ///< Above it 429; 0: no limit.
  SecretBytes reader_token{};  ///< Bearer of a reader (PassNinja), of a paired scanner (Passmint).
  SecretBytes pairing_code{};  ///< Passmint: pairs one scanner, once.
  SecretBytes webhook_secret{};    ///< Authenticates pushes; empty: there are none.
  unsigned rescan_window_s = 10;   ///< PassNinja.
  bool old_events = false;         ///< Passmint: pushes speak the older vocabulary.
  std::string signature_header{};  ///< Passinstance: of pushes; the vendor names none.
};

/// The kinds that `make_cloud_api()` knows.
const std::vector<std::string>& cloud_kinds();

/// @param book, clock  Outlive the API.
/// Errors: bad_value (no such kind), bad_key (not how the vendor's keys look).
Result<std::unique_ptr<CloudApi>> make_cloud_api(CloudOptions options, PassBook& book,
                                                 const Clock& clock);

}  // namespace passgate::sim
