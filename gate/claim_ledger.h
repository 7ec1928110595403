// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/clock.h"
#include "core/ids.h"

namespace passgate::gate {

/// The answer of the fleet to "may this terminal consume this use?".
enum class Claim : std::uint8_t {
  granted,      ///< Ours now.
  taken_by_us,  ///< By an earlier tap of this terminal that never reached the journal.
  taken,        ///< By another terminal.
  unavailable,  ///< No answer before the deadline; the policy decides.
};

/// The network edge of a tap: a use is claimed from the fleet before it is
/// journalled. Implementations: AloneLedger here (a terminal without a fleet),
/// the fleet's client over sync.sock.
/// Thread-safe.
class ClaimLedger {
 public:
  virtual ~ClaimLedger() = default;
  /// Always answers, at the latest at `deadline`.
  virtual Claim claim(std::string_view pass_template, std::string_view pass_id, unsigned use_no,
                      const TapId& tap, MonoTime deadline) = 0;

 protected:
  ClaimLedger() = default;
  ClaimLedger(const ClaimLedger&) = default;
  ClaimLedger& operator=(const ClaimLedger&) = default;
};

/// No fleet: the journal's uniqueness is all there is, and all that is needed.
class AloneLedger final : public ClaimLedger {
 public:
  Claim claim(std::string_view, std::string_view, unsigned, const TapId&, MonoTime) override {
    return Claim::granted;
  }
};

}  // namespace passgate::gate
