// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/redeem_template.h"

#include <algorithm>

#include "sync/http/url.h"

namespace passgate::sync {

std::string expand(std::string_view text, const Placeholders& values) {
  std::string out;
  while (!text.empty()) {
    const auto known = std::ranges::find_if(
        values, [text](const auto& value) { return text.starts_with(value.first); });
    if (known == values.end()) {
      out += text.front();
      text.remove_prefix(1);
    } else {
      out += known->second;
      text.remove_prefix(known->first.size());
    }
  }
  return out;
}

std::string expand_redeem_template(std::string_view text, const RedemptionOrder& order) {
  return expand(text, {{"{time}", to_rfc3339(order.at)},
                       {"{tap_id}", order.tap_id.text()},
                       {"{terminal}", order.terminal},
                       {"{reader}", order.reader},
                       {"{pass_id}", order.pass_id},
                       {"{object_id}", order.object_id}});
}

std::string expand_path(std::string_view path, const Placeholders& values) {
  Placeholders encoded = values;
  for (auto& [name, value] : encoded) value = percent_encode(value);
  return expand(path, encoded);
}

}  // namespace passgate::sync
