// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/bytes.h"
#include "crypto/vas_key_ring.h"

namespace passgate::cli {

/// What `passgate decrypt` prints for one cryptogram, members in fixed order:
///   {"key_id","pass_type_id","timestamp","payload","payload_hex"} or
///   {"error","message"}, the error as `name(Errc)` has it.
/// `payload` has invalid UTF-8 replaced; `payload_hex` is exact.
/// @param cryptogram  What was opened, for the key id it asks for.
nlohmann::ordered_json opened_json(const PassTypeId& id, ByteView cryptogram,
                                   const Result<crypto::OpenedVas>& opened);

/// {"error","message"} of something that could not even be tried.
nlohmann::ordered_json error_json(const Error& error, std::string message);

/// One line; text that is not UTF-8 (from the command line) is replaced.
std::string one_line(const nlohmann::ordered_json& value);

}  // namespace passgate::cli
