// SPDX-License-Identifier: Apache-2.0
#include "sync/webhook/passinstance_push.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;
using Read = Result<std::optional<Push>>;

constexpr std::string_view kPrefix = "sha256=";

/// The fields of a pass: the two generations of the documents differ in their name.
const Json& fields_of(const Json& data) {
  const Json& custom = member(data, "customFields");
  return custom.is_null() ? member(data, "fields") : custom;
}

}  // namespace

bool PassinstancePush::genuine(const PushRequest& request) const {
  auto signature = request.header(settings_.signature_header);
  if (!signature || !signature->starts_with(kPrefix)) return false;
  signature->remove_prefix(kPrefix.size());
  return settings_.secrets.signed_by_one(request.body, {&*signature, 1});
}

Read PassinstancePush::read(const PushRequest& request, WallTime now) const {
  if (request.body.size() > kLargestPush) return fail(Errc::too_large);
  if (!genuine(request)) return fail(Errc::auth_failed);
  const auto event = push_object(request.body);
  if (!event) return std::unexpected(event.error());
  auto type = needed_name_in(*event, "event");
  const auto time = needed_name_in(*event, "timestamp");
  if (!type || !time) return fail(Errc::bad_value);
  if (auto age = check_age(*time, settings_.window, now); !age) {
    return std::unexpected(age.error());
  }
  if (!type->starts_with("pass.")) return std::nullopt;

  const Json& data = member(*event, "data");
  auto id = needed_name_in(data, "passId");
  auto serial = name_in(data, "serialNumber");
  auto pass_template = name_in(data, "templateId");
  if (!id || !serial || !pass_template) return fail(Errc::bad_value);
  const bool voided = *type == "pass.voided";
  Push push;
  push.dedup_key = dedup_key_of({*type, *time, *id});
  if (voided || *type == "pass.deleted") push.told = gate::PassState::voided;
  push.may_be_echo = *type == "pass.updated" || (voided && settings_.use_voids);
  push.type = std::move(*type);
  push.pass_template = std::move(*pass_template);
  push.pass = {.id = std::move(*id), .serial = std::move(*serial), .code = {}};
  push.tap_id = tap_id_in(fields_of(data));
  return push;
}

}  // namespace passgate::sync
