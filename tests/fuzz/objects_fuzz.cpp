// SPDX-License-Identifier: Apache-2.0
// Record bundles from any bytes: as plain content, and as a bundle with flags
// that came without a key.
#include <cstddef>
#include <cstdint>

#include "apdu/smart_tap_object.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/smart_tap_setup.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passgate;
  const Bytes content = fuzz::exact({data, size});
  fuzz::check_objects(apdu::read_objects(content));

  const auto opened = apdu::open_bundle(
      {.collector = CollectorId(1), .bundle = fuzz::exact(content), .keys = std::nullopt});
  fuzz::check_objects(opened);
  const bool encrypted = !content.empty() && (content[0] & 0x01) != 0;
  FUZZ_EXPECT(!encrypted || !opened);
  return 0;
}
