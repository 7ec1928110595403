// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passinstance_look_up.h"

#include "sync/provider/pass_reading.h"
#include "sync/provider/passinstance_requests.h"
#include "sync/provider/passinstance_row.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

LookUpStep PassinstanceLookUp::start() {
  return passinstance_request(settings_, "GET", path_);
}

LookUpStep PassinstanceLookUp::take(const HttpAnswer& answer, WallTime now) {
  if (answer.status == 404) return Gone{};
  if (auto failure = failure_of(answer, now)) return *failure;
  if (answer.status != 200) return bad_reply();
  const auto json = nlohmann::json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return bad_reply();
  const auto row = passinstance_row(json, of_, settings_);
  const auto differs = [](const std::string& asked, const std::string& got) {
    return !asked.empty() && !got.empty() && asked != got;
  };
  if (!row || differs(pass_.id, row->id) || differs(pass_.serial, row->serial)) return bad_reply();
  return row->mirror;
}

}  // namespace passgate::sync
