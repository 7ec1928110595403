// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "sim/cloud/cloud_api.h"
#include "sim/cloud/pass_book.h"
#include "sim/http/target.h"

namespace passgate::sim {

/// The JSON that Passmint's routes have in common.

/// `{"error":{"type","code","message","param"}}`; the type follows from the status
/// (409: idempotency_error). @param code, param  Empty: null.
ApiAnswer passmint_error(int status, std::string_view code, std::string_view message,
                         std::string_view param = {});
ApiAnswer passmint_bad_limit();
ApiAnswer passmint_bad_cursor();
ApiAnswer passmint_list(nlohmann::json data, bool has_more);

/// The parameter `limit`: 0 is valid, above `most` is `most`. Nothing: it is there
/// and no whole number.
std::optional<std::size_t> passmint_limit(const Target& target, std::size_t otherwise,
                                          std::size_t most);

nlohmann::json passmint_pass(const PassTemplate& of, const CloudPass& pass);
nlohmann::json passmint_template(const PassTemplate& of);
nlohmann::json passmint_redemption(const CloudPass::Redemption& of);

}  // namespace passgate::sim
