// SPDX-License-Identifier: Apache-2.0
// SmartTapSession against any phone: mode[1] request[2] delay[1], then the
// answers. Bits of the mode: 0 the entry, 1 AndroidCard instead of FedCard.
#include <cstddef>
#include <cstdint>
#include <variant>

#include "apdu/smart_tap.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/google_outcome.h"
#include "tests/fuzz/smart_tap_setup.h"
#include "tests/fuzz/watched_session.h"

namespace passgate::fuzz {
namespace {

void run(Input& input) {
  const unsigned mode = input.byte();
  auto request = take_smart_tap_request(input);
  const Milliseconds delay(input.byte() * 4);
  using Entry = apdu::SmartTapSession::Entry;
  apdu::SmartTapSession session(std::move(request), (mode & 1) != 0 ? Entry::applet : Entry::ose);

  apdu::ManualClock clock;
  FedCard strange(input, clock, delay);
  AndroidCard phone(input, clock, delay);
  const bool plays = (mode & 2) != 0;
  FedCard& card = plays ? phone : strange;
  const auto outcome = drive_watched(session, card, clock, kSmartTapErrors);
  if (!outcome) return;
  FUZZ_EXPECT(!std::holds_alternative<apdu::ApplePasses>(*outcome));
  FUZZ_EXPECT(!std::holds_alternative<apdu::UrlAccepted>(*outcome));
  check_google_outcome(*outcome, plays ? &phone : nullptr);
}

}  // namespace
}  // namespace passgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  passgate::fuzz::Input input(data, size);
  passgate::fuzz::run(input);
  return 0;
}
