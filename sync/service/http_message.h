// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace passgate::sync {

/// A request to our own HTTP face, whole.
struct HttpAsk {
  std::string method;
  /// "/webhooks/north%2Fgate" is {"webhooks", "north/gate"}: cut first, decoded
  /// then. "/" is empty.
  std::vector<std::string> path;
  std::vector<std::pair<std::string, std::string>> query;    ///< Decoded.
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::string body;
};

struct HttpReply {
  int status = 200;
  std::string content_type;  ///< Empty: none.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

}  // namespace passgate::sync
