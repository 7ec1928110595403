// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "sync/provider/passmint.h"

namespace passgate::sync {

/// Passmint's requests. They borrow keys from the settings.

HttpRequest passmint_get_template(const Passmint::Settings& settings, std::string_view id);
HttpRequest passmint_get_pass(const Passmint::Settings& settings, std::string_view id);
/// @param after  The last id of the page before; empty: the first page.
HttpRequest passmint_list_passes(const Passmint::Settings& settings, std::string_view of_template,
                                 std::string_view after);
HttpRequest passmint_list_events(const Passmint::Settings& settings, std::string_view of_template,
                                 std::string_view since, std::string_view after);
HttpRequest passmint_list_redemptions(const Passmint::Settings& settings, std::string_view pass,
                                      unsigned limit, std::string_view after);
/// @param key  A repeat with the same key and body has no further effect for 24 h.
HttpRequest passmint_patch_pass(const Passmint::Settings& settings, std::string_view id,
                                std::string key, const nlohmann::json& body);
/// With the scanner's token, never with the account's key.
HttpRequest passmint_post_scan(const Passmint::Settings& settings, std::string_view code);

/// What Passmint's URLs call the pass of an order; empty: not known.
std::string passmint_id(const RedemptionOrder& order);
/// A page of one of its lists. `items` is an array.
struct PassmintList {
  nlohmann::json items;
  bool has_more = false;
};
/// Absent: it is none.
std::optional<PassmintList> read_passmint_list(const HttpAnswer& answer);

}  // namespace passgate::sync
