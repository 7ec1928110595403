// SPDX-License-Identifier: Apache-2.0
#include "hid/line_text.h"

#include "hid/key_plan.h"

namespace passgate::hid {

Result<std::string> line_text(std::string_view text, const Layout& layout,
                              std::string_view newline) {
  if (const auto plan = plan_keys(text, layout); !plan) return std::unexpected(plan.error());
  std::string line;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with("\r\n")) continue;
    const bool enter = text[at] == '\r' || text[at] == '\n';
    line += enter ? newline : text.substr(at, 1);
  }
  return line;
}

}  // namespace passgate::hid
