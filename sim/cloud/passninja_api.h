// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/cloud/pass_book.h"
#include "sim/http/message.h"

namespace passgate::sim {

/// An answer before it is bytes.
struct ApiAnswer {
  int status = 200;
  nlohmann::json body;
  std::string code;  ///< The vendor's error code; empty: none.
};

/// `{"error":text,"code":code}`, the flat shape of the vendor's REST routes.
ApiAnswer api_error(int status, std::string_view code, std::string_view text);

/// How a list may lie (faults).
struct ListQuirks {
  bool same_page = false;
  std::size_t extra_total = 0;
};

/// PassNinja API v1 on a pass book: GET, PATCH, PUT and DELETE below
/// /v1/passes/. Authentication, rates and faults are the caller's. Errors are
/// answers, with the vendor's codes: MR1, MR2 404, MI1 400.
class PassNinjaApi {
 public:
  PassNinjaApi(PassBook& book, std::size_t max_per_page)
      : book_(book), max_per_page_(max_per_page) {}

  /// Whether the request is the list call, the only one that has pages.
  static bool lists(const HttpRequest& request);
  ApiAnswer answer(const HttpRequest& request, const ListQuirks& quirks);

 private:
  ApiAnswer list(const PassTemplate& of, const Target& target, const ListQuirks& quirks) const;
  static ApiAnswer show(const PassTemplate& of, const CloudPass& pass);
  static ApiAnswer write(const PassTemplate& of, CloudPass& pass, const HttpRequest& request);

  PassBook& book_;  ///< Outlives *this.
  std::size_t max_per_page_;
};

}  // namespace passgate::sim
