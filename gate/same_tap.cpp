// SPDX-License-Identifier: Apache-2.0
#include "gate/same_tap.h"

namespace passgate::gate {

bool is_same_tap(const LastTap& last, std::string_view pass_template, std::string_view pass_id,
                 MonoTime now, Milliseconds rearm) noexcept {
  if (pass_id.empty() || now - last.at >= rearm) return false;
  return pass_id == last.pass_id && pass_template == last.pass_template;
}

}  // namespace passgate::gate
