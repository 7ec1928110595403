// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passworks_look_up.h"

#include "sync/provider/passworks_pass.h"

namespace passgate::sync {

LookUpStep PassworksLookUp::start() {
  return pass_.id.empty() ? calls_.by_code(pass_.code) : calls_.pass(pass_.id);
}

LookUpStep PassworksLookUp::take(const HttpAnswer& answer, WallTime now) {
  if (answer.status == 404 || answer.status == 410) return Gone{};
  if (auto failure = passworks_failure(answer, now)) return *failure;
  const auto json = nlohmann::json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  if (pass_.id.empty()) {
    const auto* id = passworks_found_id(json);
    if (id == nullptr) return bad_reply();
    pass_.id = *id;
    return calls_.pass(pass_.id);
  }
  auto read = read_passworks_pass(settings_, of_, json);
  if (!read || !read->row || read->row->provider_id != pass_.id) return bad_reply();
  return std::move(*read->row);
}

}  // namespace passgate::sync
