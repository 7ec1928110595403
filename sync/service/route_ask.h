// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "core/result.h"
#include "sync/service/access.h"
#include "sync/service/http_message.h"

namespace passgate::sync {

/// A request that was let in, and who asks.
struct RouteAsk {
  const HttpAsk& http;
  const Client* client = nullptr;  ///< Null: somebody on this machine, without a key.
};

/// A question to passgated, with a deadline. Errors: as of CoreLink.
using AskCore = std::function<Result<nlohmann::json>(const nlohmann::json&)>;

/// The number that `text` is, whole. Absent: it is none, or not in [least, most].
std::optional<std::uint64_t> number_in(std::string_view text, std::uint64_t least,
                                       std::uint64_t most);
/// The parameter of that name. Absent: it is not there. Unexpected: the refusal (400).
std::expected<std::optional<std::uint64_t>, HttpReply> number_parameter(const HttpAsk& ask,
                                                                        std::string_view name,
                                                                        std::uint64_t least,
                                                                        std::uint64_t most);

HttpReply json_reply(int status, const nlohmann::json& body);
/// passgated did not answer, or could not: 503.
HttpReply core_problem();

}  // namespace passgate::sync
