// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "gate/pass_mirror.h"
#include "sync/provider/session.h"

namespace passgate::sync {

/// A request to /webhooks/{provider}, as it came.
struct PushRequest {
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::string_view body;                                     ///< Raw: what was signed.

  /// The first header of that name (lower case), borrowed.
  std::optional<std::string_view> header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return std::nullopt;
  }
};

/// What a provider tells of one pass. A push is a reason to look: what counts is
/// what the provider says when it is asked, or, where it cannot be asked, what
/// the push itself proves.
struct Push {
  std::string dedup_key;      ///< The same for every delivery of the same event; at most 256 bytes.
  std::string type;           ///< The provider's word for the event.
  std::string pass_template;  ///< Empty: the push does not name it.
  PassNames pass;
  std::optional<gate::PassState> told;  ///< A state the push itself states.
  /// Whether recording a use of ours makes the provider send a push like this.
  bool may_be_echo = false;
  std::string device;  ///< Passmint: the scanner that caused it; empty: none, or not told.
  std::string tap_id;  ///< The tap our write was marked with; empty: none in the push.

  friend bool operator==(const Push&, const Push&) = default;
};

/// Reads one provider's pushes. Immutable; any thread.
class PushReader {
 public:
  virtual ~PushReader() = default;
  /// Absent: genuine, and of no concern (a template's event): acknowledge, forget.
  /// Errors: auth_failed (not signed by the provider), too_old (genuine, outside
  /// the age window), bad_value (signed, but not what is documented).
  virtual Result<std::optional<Push>> read(const PushRequest& request, WallTime now) const = 0;

 protected:
  PushReader() = default;
  PushReader(const PushReader&) = default;
  PushReader& operator=(const PushReader&) = default;
};

/// As it lies in the outbox until it was looked into.
std::string push_body(const Push& push);
/// Errors: bad_value.
Result<Push> push_from(std::string_view body);

}  // namespace passgate::sync
