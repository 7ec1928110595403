// SPDX-License-Identifier: Apache-2.0
// AppleVasSession against any phone: request[2] delay[1], then the answers.
#include <cstddef>
#include <cstdint>
#include <variant>

#include "apdu/apple_vas.h"
#include "tests/fuzz/apple_setup.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/fed_card.h"
#include "tests/fuzz/watched_session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passgate;
  fuzz::Input input(data, size);
  const auto request = fuzz::take_vas_request(input);
  const Milliseconds delay(input.byte() * 4);
  apdu::ManualClock clock;
  fuzz::FedCard card(input, clock, delay);
  apdu::AppleVasSession session(request);
  const auto outcome = fuzz::drive_watched(session, card, clock, fuzz::kAppleErrors);
  if (!outcome) return 0;
  FUZZ_EXPECT(!std::holds_alternative<apdu::GooglePasses>(*outcome));
  fuzz::check_apple_outcome(request, *outcome);
  return 0;
}
