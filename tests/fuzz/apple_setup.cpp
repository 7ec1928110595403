// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/apple_setup.h"

#include <string>
#include <variant>

#include "tests/fuzz/expect.h"

namespace passgate::fuzz {

apdu::VasRequest take_vas_request(Input& input) {
  const unsigned choice = input.byte();
  const unsigned url_size = input.byte();
  apdu::VasRequest request;
  for (std::uint8_t i = 0; i < (choice & 0x07); ++i) {
    std::array<std::uint8_t, 32> hash{};
    hash.fill(i);
    request.merchants.emplace_back(hash);
  }
  const unsigned mode = choice >> 3 & 0x03;
  if (mode != 0) request.mode = apdu::kVasModes[mode - 1].second;
  if ((choice & 0x20) != 0) request.terminal_nonce = {1, 2, 3, 4};
  if ((choice & 0x40) != 0) request.filter = {1, 0, 0, 0, 0};
  if ((choice & 0x80) != 0) request.signup_url = std::string(url_size % 80, 'u');
  return request;
}

void check_apple_outcome(const apdu::VasRequest& request, const apdu::Outcome& outcome) {
  if (const auto* passes = std::get_if<apdu::ApplePasses>(&outcome)) {
    FUZZ_EXPECT(!passes->sealed.empty());
    std::size_t next = 0;
    for (const apdu::SealedVas& sealed : passes->sealed) {
      FUZZ_EXPECT(sealed.merchant >= next && sealed.merchant < request.merchants.size());
      next = sealed.merchant + 1;
    }
  }
  if (std::holds_alternative<apdu::UrlAccepted>(outcome)) {
    FUZZ_EXPECT(request.merchants.empty() && !request.signup_url.empty());
  }
}

}  // namespace passgate::fuzz
