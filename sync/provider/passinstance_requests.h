// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sync/provider/passinstance.h"

namespace passgate::sync {

/// What a path to one pass may name; empty: not known.
struct PassinstanceNames {
  std::string pass_template;
  std::string id;
  std::string serial;
};
PassinstanceNames passinstance_names(const RedemptionOrder& order);

/// `path` with {template}, {id} and {serial} replaced. Absent when it is empty or
/// holds one that is not known.
std::optional<std::string> passinstance_path(std::string_view path, const PassinstanceNames& names);

/// A request with the account's headers.
/// @param settings  Borrowed by the request.
HttpRequest passinstance_request(const Passinstance::Settings& settings, std::string method,
                                 std::string_view path);

}  // namespace passgate::sync
