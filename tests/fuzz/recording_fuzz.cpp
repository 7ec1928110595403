// SPDX-License-Identifier: Apache-2.0
// Recorded taps from any text: what was read can be written, read again as the
// same, and played.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "apdu/recording.h"
#include "apdu/scripted_card.h"
#include "apdu/smart_tap_object.h"
#include "apdu/wallet.h"
#include "tests/apdu/manual_clock.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/input.h"

namespace passgate::fuzz {
namespace {

void play(const apdu::Recording& recording) {
  const apdu::ManualClock clock;
  // Each one with a key costs a millisecond of OpenSSL.
  constexpr std::size_t kMostAttempts = 3;
  for (const apdu::Contact& contact : recording.contacts) {
    if (contact.attempts.size() > kMostAttempts) continue;
    auto request = apdu::wallet_request(recording, contact);
    if (!request) {
      FUZZ_EXPECT(request.error().code() == Errc::bad_key);
      continue;
    }
    apdu::WalletTap tap(std::move(*request));
    apdu::ScriptedCard card(contact.script());
    const auto outcome = apdu::drive(tap, card, clock);
    FUZZ_EXPECT(card.played() <= contact.exchanges.size());
    FUZZ_EXPECT(!outcome || !card.mismatch());
    if (!outcome) continue;
    if (const auto* sealed = apdu::sealed_bundle(*outcome)) {
      const auto lines = apdu::object_texts(sealed->collector, apdu::open_bundle(*sealed));
      for (const std::string& line : lines) FUZZ_EXPECT(!line.contains('\n'));
    }
  }
}

}  // namespace
}  // namespace passgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passgate;
  const Bytes bytes = fuzz::exact({data, size});
  const auto recording = apdu::parse_recording(text_of(bytes));
  if (!recording) {
    FUZZ_EXPECT(recording.error().line >= 0 && !recording.error().message.empty());
    return 0;
  }
  const std::string text = apdu::to_text(*recording, "of a fuzzer\nin two lines");
  const auto again = apdu::parse_recording(text);
  FUZZ_EXPECT(again && apdu::to_text(*again, "of a fuzzer\nin two lines") == text);
  fuzz::play(*recording);
  return 0;
}
