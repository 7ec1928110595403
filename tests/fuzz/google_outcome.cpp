// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/google_outcome.h"

#include "apdu/recording.h"
#include "apdu/smart_tap_object.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/smart_tap_setup.h"

namespace passgate::fuzz {
namespace {

constexpr std::uint8_t kEncrypted = 0x01;

}  // namespace

void check_google_outcome(const apdu::Outcome& outcome, const AndroidCard* phone) {
  const apdu::SealedBundle* sealed = apdu::sealed_bundle(outcome);
  if (sealed == nullptr) return;
  const auto opened = apdu::open_bundle(*sealed);
  check_objects(opened);
  const PlayedBundle* played = phone != nullptr ? phone->played(sealed->bundle) : nullptr;
  const bool encrypted = !sealed->bundle.empty() && (sealed->bundle[0] & kEncrypted) != 0;
  if (played == nullptr || played->forged) {
    FUZZ_EXPECT(!encrypted || !opened);
  } else if (played->sound) {
    const auto expected = apdu::read_objects(played->content);
    FUZZ_EXPECT(opened.has_value() == expected.has_value());
    FUZZ_EXPECT(!opened || opened->size() == expected->size());
    FUZZ_EXPECT(opened || opened.error().code() == expected.error().code());
  }
}

}  // namespace passgate::fuzz
