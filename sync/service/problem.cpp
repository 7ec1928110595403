// SPDX-License-Identifier: Apache-2.0
#include "sync/service/problem.h"

#include <nlohmann/json.hpp>

namespace passgate::sync {

namespace {

/// Without a type of its own a problem is called as its status is (RFC 9457 §4.2.1).
const char* title_of(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 421: return "Misdirected Request";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Error";
  }
}

}  // namespace

HttpReply problem(int status, std::string_view detail) {
  const nlohmann::json body{{"title", title_of(status)}, {"status", status}, {"detail", detail}};
  return {.status = status,
          .content_type = "application/problem+json",
          .headers = {},
          .body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

}  // namespace passgate::sync
