// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "sim/http/target.h"

namespace passgate::sim {

/// One request, whole: the body is read before anybody sees it.
struct HttpRequest {
  std::string method;
  Target target;
  std::map<std::string, std::string, std::less<>> headers;  ///< Names in lower case.
  std::string body;

  /// A header by its lower-case name; borrowed.
  std::optional<std::string_view> header(std::string_view name) const {
    const auto found = headers.find(name);
    if (found == headers.end()) return std::nullopt;
    return found->second;
  }
};

/// How an answer leaves: honestly, or as a bad day would have it.
enum class Delivery : std::uint8_t {
  whole,
  cut_off,  ///< Length announced, half of the body sent, connection closed.
  none,     ///< Connection closed without a byte.
};

struct HttpResponse {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  Milliseconds delay{0};  ///< Held back this long before it leaves.
  Delivery delivery = Delivery::whole;
};

}  // namespace passgate::sim
