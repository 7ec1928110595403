// SPDX-License-Identifier: Apache-2.0
#include "apdu/pcsc/escape.h"

// winscard.h must come before reader.h, which uses its types.
#include <reader.h>
#include <winscard.h>

#include <array>
#include <type_traits>

#include "apdu/pcsc/return_code.h"

namespace passgate::apdu::pcsc {
namespace {

static_assert(std::is_same_v<SCARDHANDLE, CardHandle>);

constexpr std::uint32_t kAcsEscape = SCARD_CTL_CODE(3500);
constexpr std::uint32_t kCcidEscape = SCARD_CTL_CODE(1);
/// libccid wants room for all its features at once, and short-APDU readers
/// answer at most MAX_BUFFER_SIZE bytes.
constexpr std::size_t kAnswerSize = MAX_BUFFER_SIZE;

Result<Bytes> control(CardHandle handle, std::uint32_t code, ByteView command) {
  Bytes answer(kAnswerSize);
  DWORD length = 0;
  const LONG result = SCardControl(handle, code, command.data(), command.size(), answer.data(),
                                   answer.size(), &length);
  if (result != SCARD_S_SUCCESS) return std::unexpected(error_of(result));
  answer.resize(length);
  return answer;
}

/// The answer is a row of six bytes each: tag, length 4, control code.
std::optional<std::uint32_t> advertised_escape(CardHandle handle) {
  constexpr std::size_t kEntry = 6;
  const auto features = control(handle, CM_IOCTL_GET_FEATURE_REQUEST, {});
  if (!features) return std::nullopt;
  for (ByteView rest = *features; rest.size() >= kEntry; rest = rest.subspan(kEntry)) {
    if (rest[0] == FEATURE_CCID_ESC_COMMAND && rest[1] == 4) return be32(rest.subspan(2));
  }
  return std::nullopt;
}

}  // namespace

Result<Bytes> Escape::send(CardHandle handle, ByteView command) {
  if (!code_) code_ = advertised_escape(handle);
  if (code_) return control(handle, *code_, command);
  auto answer = control(handle, kAcsEscape, command);
  if (answer) {
    code_ = kAcsEscape;
    return answer;
  }
  answer = control(handle, kCcidEscape, command);
  if (answer) code_ = kCcidEscape;
  return answer;
}

}  // namespace passgate::apdu::pcsc
