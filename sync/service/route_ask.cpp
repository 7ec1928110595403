// SPDX-License-Identifier: Apache-2.0
#include "sync/service/route_ask.h"

#include <fmt/format.h>

#include <charconv>

#include "sync/service/problem.h"

namespace passgate::sync {

std::optional<std::uint64_t> number_in(std::string_view text, std::uint64_t least,
                                       std::uint64_t most) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || number < least ||
      number > most) {
    return std::nullopt;
  }
  return number;
}

std::expected<std::optional<std::uint64_t>, HttpReply> number_parameter(const HttpAsk& ask,
                                                                        std::string_view name,
                                                                        std::uint64_t least,
                                                                        std::uint64_t most) {
  const auto* text = ask.parameter(name);
  if (text == nullptr) return std::nullopt;
  const auto number = number_in(*text, least, most);
  if (number) return number;
  return std::unexpected(
      problem(400, fmt::format("\"{}\" is a number from {} to {}.", name, least, most)));
}

HttpReply json_reply(int status, const nlohmann::json& body) {
  return {.status = status,
          .content_type = "application/json",
          .headers = {},
          .body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

HttpReply core_problem() {
  auto reply = problem(503, "passgated does not answer.");
  reply.headers.emplace_back("Retry-After", "2");
  return reply;
}

}  // namespace passgate::sync
