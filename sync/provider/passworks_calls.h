// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "sync/provider/passworks.h"

namespace passgate::sync {

/// Passworks' requests below {base}/{type}/{campaign}. They borrow the
/// credentials from the settings.
class PassworksCalls {
 public:
  /// @param of_template  TYPE/CAMPAIGN.
  PassworksCalls(const Passworks::Settings& settings, std::string_view of_template);

  /// @param updated_since  RFC 3339; empty: all.
  HttpRequest list(std::size_t page, std::string_view updated_since) const;
  HttpRequest pass(std::string_view id) const;
  HttpRequest by_code(std::string_view code) const;
  HttpRequest redemptions(std::string_view id, std::size_t page) const;
  HttpRequest redeem(std::string_view id, std::string_view comment) const;
  HttpRequest redeem_code(std::string_view code, std::string_view comment) const;
  HttpRequest reset(std::string_view id) const;

 private:
  HttpRequest get(std::string_view below, std::size_t answer_limit) const;
  HttpRequest post(std::string_view below, const nlohmann::json& body) const;

  const Passworks::Settings& settings_;
  std::string campaign_;  ///< URL.
};

/// What an answer's status means here. Absent for 2xx.
std::optional<Failure> passworks_failure(const HttpAnswer& answer, WallTime now);

/// Where the header X-Next-Page leads.
struct PassworksNext {
  bool told = false;                ///< There is such a header, or X-Total: pages are counted.
  std::optional<std::size_t> page;  ///< Absent: none follows, where it was told.
};
/// Absent: the header is no number.
std::optional<PassworksNext> next_page(const HttpAnswer& answer);

}  // namespace passgate::sync
