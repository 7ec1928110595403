// SPDX-License-Identifier: Apache-2.0
#include "apdu/pcsc/return_code.h"

#include <winscard.h>

#include <algorithm>
#include <array>

namespace passgate::apdu::pcsc {
namespace {

struct Row {
  LONG code;
  std::string_view name;
  Errc errc;
};

#define PG_ROW(code, errc)  \
  Row {                     \
    code, #code, Errc::errc \
  }
constexpr std::array kRows{
    PG_ROW(SCARD_W_REMOVED_CARD, card_removed),
    PG_ROW(SCARD_W_RESET_CARD, card_removed),
    PG_ROW(SCARD_E_NO_SMARTCARD, card_removed),
    PG_ROW(SCARD_W_UNPOWERED_CARD, card_removed),
    PG_ROW(SCARD_W_UNRESPONSIVE_CARD, card_removed),
    PG_ROW(SCARD_W_UNSUPPORTED_CARD, card_removed),
    PG_ROW(SCARD_E_PROTO_MISMATCH, card_removed),
    PG_ROW(SCARD_E_NOT_TRANSACTED, card_removed),
    PG_ROW(SCARD_E_READER_UNAVAILABLE, reader_gone),
    PG_ROW(SCARD_E_UNKNOWN_READER, reader_gone),
    PG_ROW(SCARD_E_SHARING_VIOLATION, reader_gone),
    PG_ROW(SCARD_E_INSUFFICIENT_BUFFER, too_large),
    PG_ROW(SCARD_E_CANCELLED, stopped),
    PG_ROW(SCARD_E_TIMEOUT, deadline_exceeded),
    PG_ROW(SCARD_F_COMM_ERROR, pcsc_unavailable),
    PG_ROW(SCARD_E_NO_SERVICE, pcsc_unavailable),
    PG_ROW(SCARD_E_INVALID_HANDLE, pcsc_unavailable),
    PG_ROW(SCARD_E_SERVICE_STOPPED, pcsc_unavailable),
    PG_ROW(SCARD_E_NO_READERS_AVAILABLE, pcsc_unavailable),
    PG_ROW(SCARD_E_INVALID_PARAMETER, pcsc_unavailable),
    PG_ROW(SCARD_E_INVALID_VALUE, pcsc_unavailable),
    PG_ROW(SCARD_E_NO_MEMORY, pcsc_unavailable),
    PG_ROW(SCARD_E_NO_ACCESS, pcsc_unavailable),
    PG_ROW(SCARD_W_SECURITY_VIOLATION, pcsc_unavailable),
    PG_ROW(SCARD_E_UNSUPPORTED_FEATURE, pcsc_unavailable),
    PG_ROW(SCARD_F_INTERNAL_ERROR, pcsc_unavailable),
    PG_ROW(SCARD_F_UNKNOWN_ERROR, pcsc_unavailable),
};
#undef PG_ROW

const Row* row_of(std::int32_t code) noexcept {
  const auto row = std::ranges::find(
      kRows, code, [](const Row& each) { return static_cast<std::int32_t>(each.code); });
  return row == kRows.end() ? nullptr : &*row;
}

}  // namespace

Errc errc_of(long code) noexcept {
  const Row* row = row_of(static_cast<std::int32_t>(code));
  return row == nullptr ? Errc::pcsc_unavailable : row->errc;
}

Error error_of(long code, std::source_location where) noexcept {
  return Error(errc_of(code), static_cast<std::int32_t>(code), where);
}

std::string_view return_code_name(std::int32_t detail) noexcept {
  const Row* row = row_of(detail);
  return row == nullptr ? "SCARD_unknown" : row->name;
}

}  // namespace passgate::apdu::pcsc
