// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passmint_look_up.h"

#include "sync/provider/passmint_calls.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

LookUpStep PassmintLookUp::start() {
  policy_.reset();
  return passmint_get_template(settings_, of_.pass_template);
}

LookUpStep PassmintLookUp::take(const HttpAnswer& answer, WallTime now) {
  if (policy_ && (answer.status == 404 || answer.status == 410)) return Gone{};
  if (auto failure = failure_of(answer, now)) return *failure;
  if (!policy_) {
    policy_ = read_passmint_policy(answer);
    if (!policy_) return bad_reply();
    return passmint_get_pass(settings_, id_);
  }
  const auto pass = nlohmann::json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  // The id may be of any template of the account.
  if (is_of_other_template(pass, of_)) return Gone{};
  auto read = read_passmint_pass(settings_, of_, *policy_, pass);
  if (!read || read->row.provider_id != id_) return bad_reply();
  return std::move(read->row);
}

}  // namespace passgate::sync
