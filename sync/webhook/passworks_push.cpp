// SPDX-License-Identifier: Apache-2.0
#include "sync/webhook/passworks_push.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;
using Read = Result<std::optional<Push>>;

/// Passworks voids what was redeemed as well: only without a use does `voided`
/// say that the pass was taken back. Errors: bad_value.
Result<std::optional<gate::PassState>> told_by(const Json& event) {
  const Json& voided = member(event, "voided");
  const Json& count = member(event, "redeemed_count");
  if (!(voided.is_boolean() || voided.is_null())) return fail(Errc::bad_value);
  if (!(count.is_number_integer() || count.is_null())) return fail(Errc::bad_value);
  if (voided == true && count == 0) return gate::PassState::voided;
  return std::nullopt;
}

}  // namespace

Read PassworksPush::read(const PushRequest& request, WallTime now) const {
  const auto authorization = request.header("authorization");
  if (!authorization || !secrets_.hold(*authorization)) return fail(Errc::auth_failed);
  const auto event = push_object(request.body);
  if (!event) return std::unexpected(event.error());
  auto type = needed_name_in(*event, "event");
  const auto time = needed_name_in(*event, "event_at");
  auto id = needed_name_in(*event, "pass_id");
  auto serial = name_in(*event, "serial_number");
  const auto told = told_by(*event);
  if (!type || !time || !id || !serial || !told) return fail(Errc::bad_value);
  if (auto age = check_age(*time, window_, now); !age) return std::unexpected(age.error());
  Push push;
  push.dedup_key = dedup_key_of({*id, *type, *time});
  push.told = *told;
  push.may_be_echo = *type == "redeemed";
  push.type = std::move(*type);
  push.pass = {.id = std::move(*id), .serial = std::move(*serial), .code = {}};
  return push;
}

}  // namespace passgate::sync
