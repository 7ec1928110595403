// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apdu/session.h"
#include "core/ids.h"

namespace passgate::apdu {

/// Byte 4 of the terminal capabilities 9F26, bits 1..0.
enum class VasMode : std::uint8_t { vas_or_payment = 0, vas_and_payment = 1, vas_only = 2 };
/// Their names in recordings and configuration.
inline constexpr std::pair<std::string_view, VasMode> kVasModes[] = {
    {"vas_or_payment", VasMode::vas_or_payment},
    {"vas_and_payment", VasMode::vas_and_payment},
    {"vas_only", VasMode::vas_only}};

/// What an Apple VAS conversation asks for. Full protocol (P2 = 01) when there
/// are merchants, URL-only (P2 = 00) when there are none and a URL.
struct VasRequest {
  std::vector<MerchantHash> merchants;  ///< Asked in this order.
  std::string signup_url;               ///< 9F29, at most 64 bytes; empty: not sent.
  std::optional<std::array<std::uint8_t, 4>> terminal_nonce;  ///< 9F28; not sent when absent.
  std::optional<std::array<std::uint8_t, 5>> filter;          ///< 9F2B; not sent when absent.
  /// Default: vas_only for one merchant (one pass per tap), vas_and_payment for
  /// several (several passes can be read in one tap).
  std::optional<VasMode> mode;
};

/// Apple VAS from SELECT OSE.VAS.01 on (docs/protocols/apple-vas.md).
///
/// Whatever ends the conversation early does not take away passes the phone has
/// handed over before: then the outcome is these.
///
/// Errors: bad_length, bad_value, too_large (malformed TLV), bad_version (9F21
/// not 01.xx, with the version as detail), no_cryptogram (9000 without 9F27),
/// unexpected_status with the status word as detail (6700, 6A80, 6B00, 6A81,
/// 6D00, …), out_of_sequence. A request that asks for nothing, or whose URL is
/// too long, is bad_value at `begin()`.
class AppleVasSession final : public WalletSession {
 public:
  explicit AppleVasSession(VasRequest request);
  Step begin() override;
  Step feed(ResponseView answer) override;

 private:
  enum class State : std::uint8_t { start, selecting, asking, finished };
  Step select();
  Step on_select(ResponseView answer);
  Step on_answer(ResponseView answer);
  Step on_data(ByteView data);
  Step select_again(StatusWord reason);
  Step ask();
  Step ask_next();
  Step stop(Step reason);
  Step hand_over();
  bool url_only() const noexcept { return request_.merchants.empty(); }

  VasRequest request_;
  State state_ = State::start;
  std::size_t asked_ = 0;    ///< Requests answered so far; one in URL-only mode.
  bool reselected_ = false;  ///< One SELECT retry a conversation.
  std::vector<SealedVas> sealed_;
};

}  // namespace passgate::apdu
