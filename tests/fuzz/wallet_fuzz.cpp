// SPDX-License-Identifier: Apache-2.0
// WalletTap against any phone: mode[1] apple[2] google[2] delay[1], then the
// answers. Bits of the mode: 0 ask Apple, 1 ask Google, 2 AndroidCard instead of
// FedCard.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "apdu/wallet.h"
#include "tests/fuzz/apple_setup.h"
#include "tests/fuzz/google_outcome.h"
#include "tests/fuzz/smart_tap_setup.h"
#include "tests/fuzz/watched_session.h"

namespace passgate::fuzz {
namespace {

std::vector<Errc> errors_of_both() {
  std::vector<Errc> all(std::begin(kAppleErrors), std::end(kAppleErrors));
  all.insert(all.end(), std::begin(kSmartTapErrors), std::end(kSmartTapErrors));
  return all;
}

void run(Input& input) {
  static const auto errors = errors_of_both();
  const unsigned mode = input.byte();
  const auto apple = take_vas_request(input);
  apdu::WalletRequest request;
  if ((mode & 1) != 0) request.apple = apple;
  auto google = take_smart_tap_request(input);
  if ((mode & 2) != 0) request.google = std::move(google);
  const Milliseconds delay(input.byte() * 4);
  apdu::WalletTap tap(std::move(request));

  apdu::ManualClock clock;
  FedCard strange(input, clock, delay);
  AndroidCard phone(input, clock, delay);
  const bool plays = (mode & 4) != 0;
  FedCard& card = plays ? phone : strange;
  const auto outcome = drive_watched(tap, card, clock, errors);
  if (!outcome) return;
  check_apple_outcome(apple, *outcome);
  check_google_outcome(*outcome, plays ? &phone : nullptr);
}

}  // namespace
}  // namespace passgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  passgate::fuzz::Input input(data, size);
  passgate::fuzz::run(input);
  return 0;
}
