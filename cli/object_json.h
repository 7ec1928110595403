// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "apdu/smart_tap_object.h"

namespace passgate::cli {

/// What `passgate replay` prints for one object of an Android phone, members in
/// fixed order, those that the object lacks left out:
///   {"collector","kind","object_id","service_number","service_number_hex",
///    "service_number_format","pin","pin_hex","pin_format","track1",…,"track2",…,
///    "customer_id","language","tap_id","issuer_type","issuer_id"}
/// Text has invalid UTF-8 replaced; the `_hex` beside it is exact.
nlohmann::ordered_json object_json(CollectorId collector, const apdu::SmartTapObject& object);

/// {"error","message"} of a bundle that does not open.
nlohmann::ordered_json bundle_error_json(const Error& error);

/// One line for a person.
std::string object_line(CollectorId collector, const apdu::SmartTapObject& object);

}  // namespace passgate::cli
