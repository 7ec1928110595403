// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "apdu/smart_tap.h"
#include "apdu/smart_tap_object.h"
#include "core/bytes.h"
#include "core/ids.h"

namespace passgate::sim {

/// A pass in a Google wallet, with what its maker put into it.
struct GoogleObject {
  apdu::ObjectKind kind = apdu::ObjectKind::generic;  ///< Any but customer.
  CollectorId collector{};                            ///< Who may redeem it.
  std::array<std::uint8_t, 8> id{};
  std::string service_number;  ///< `smartTapRedemptionValue`, UTF-8.
  std::string pin;             ///< Empty: not sent.
};

/// Whether a terminal that asks for `service` (the byte of a `str` record) asks
/// for objects of this kind. Every object is 00 (all) and 01 (all but payment);
/// the customer record is 00 or 40.
bool asks_for(std::uint8_t service, apdu::ObjectKind kind) noexcept;

/// The record `asv` of one object, issued by a merchant, as a message's payload.
Bytes object_record(const GoogleObject& object);

/// The record `asv` of the phone's owner, issued by the wallet: an id that stays
/// the same for the collector, and one that is new every time.
Bytes customer_record(CollectorId collector);

/// One zlib stream (RFC 1950), as small as it gets.
Bytes deflate(ByteView content);

}  // namespace passgate::sim
