// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/redeem_template.h"

#include <array>

namespace passgate::sync {

namespace {

constexpr std::array<std::string_view, 6> kNames = {"{time}",   "{tap_id}",  "{terminal}",
                                                    "{reader}", "{pass_id}", "{object_id}"};

std::string value_of(std::string_view name, const RedemptionOrder& order) {
  if (name == "{time}") return to_rfc3339(order.at);
  if (name == "{tap_id}") return order.tap_id.text();
  if (name == "{terminal}") return order.terminal;
  if (name == "{reader}") return order.reader;
  if (name == "{object_id}") return order.object_id;
  return order.pass_id;
}

/// The known placeholder `text` starts with; empty for none.
std::string_view known_at(std::string_view text) {
  for (const auto name : kNames) {
    if (text.starts_with(name)) return name;
  }
  return {};
}

}  // namespace

std::string expand_redeem_template(std::string_view text, const RedemptionOrder& order) {
  std::string out;
  while (!text.empty()) {
    const auto name = known_at(text);
    if (name.empty()) {
      out += text.front();
      text.remove_prefix(1);
    } else {
      out += value_of(name, order);
      text.remove_prefix(name.size());
    }
  }
  return out;
}

}  // namespace passgate::sync
