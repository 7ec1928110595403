// SPDX-License-Identifier: Apache-2.0
#include "sync/webhook/passninja_push.h"

#include <algorithm>
#include <cctype>

namespace passgate::sync {

namespace {

using Json = nlohmann::json;
using Read = Result<std::optional<Push>>;

constexpr std::string_view kScheme = "bearer ";

/// The token of "Bearer TOKEN"; schemes know no case (RFC 9110 §11.1).
std::optional<std::string_view> bearer_of(std::string_view authorization) {
  if (authorization.size() < kScheme.size()) return std::nullopt;
  const bool bearer =
      std::ranges::equal(authorization.substr(0, kScheme.size()), kScheme, {},
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (!bearer) return std::nullopt;
  return authorization.substr(kScheme.size());
}

/// Which of the two spellings the event has: that of every event of theirs, or,
/// in scans, whose nesting is documented nowhere, that of a scan's answer.
Result<std::pair<std::string, std::string>> pass_of(const Json& data, bool scan) {
  const Json& nested = member(data, "pass");
  const Json& from = scan && nested.is_object() ? nested : data;
  const bool camel = scan && from.contains("passId");
  auto pass_template = name_in(from, camel ? "passTemplate" : "pass_template");
  auto id = name_in(from, camel ? "passId" : "pass_id");
  if (!pass_template) return std::unexpected(pass_template.error());
  if (!id) return std::unexpected(id.error());
  return std::pair(std::move(*pass_template), std::move(*id));
}

}  // namespace

Read PassNinjaPush::read(const PushRequest& request, WallTime now) const {
  const auto authorization = request.header("authorization");
  if (!authorization) {
    return settings_.legacy ? read_legacy(request.body, now) : Read(fail(Errc::auth_failed));
  }
  const auto token = bearer_of(*authorization);
  if (!token || !settings_.secrets.hold(*token)) return fail(Errc::auth_failed);
  return read_event(request.body, now);
}

Read PassNinjaPush::read_event(std::string_view body, WallTime now) const {
  const auto event = push_object(body);
  if (!event) return std::unexpected(event.error());
  if (!event->contains("specversion")) return fail(Errc::bad_value);
  auto id = needed_name_in(*event, "id");
  auto type = needed_name_in(*event, "type");
  const auto time = name_in(*event, "time");
  if (!id || !type || !time) return fail(Errc::bad_value);
  // CloudEvents leaves the time optional: then the id alone keeps repeats out.
  if (!time->empty()) {
    if (auto age = check_age(*time, settings_.window, now); !age) {
      return std::unexpected(age.error());
    }
  }
  if (!type->starts_with("pn.pass.")) return std::nullopt;

  const Json& data = member(*event, "data");
  const Json& metadata = member(data, "metadata");
  if (!data.is_object() || !(metadata.is_object() || metadata.is_null())) {
    return fail(Errc::bad_value);
  }
  const bool scan = *type == "pn.pass.scanned";
  auto pass = pass_of(data, scan);
  if (!pass) return std::unexpected(pass.error());
  if (pass->second.empty()) {
    if (scan) return std::nullopt;  // The scan of something that was no pass.
    return fail(Errc::bad_value);
  }
  Push push;
  push.dedup_key = std::move(*id);
  push.may_be_echo = scan || *type == "pn.pass.updated";
  if (*type == "pn.pass.expired") push.told = gate::PassState::expired;
  push.type = std::move(*type);
  push.pass_template = std::move(pass->first);
  push.pass = {.id = pass->second, .serial = pass->second, .code = {}};
  push.tap_id = tap_id_in(metadata);
  return push;
}

Read PassNinjaPush::read_legacy(std::string_view body, WallTime now) const {
  const auto event = push_object(body);
  if (!event) return std::unexpected(event.error());
  if (event->contains("specversion")) return fail(Errc::auth_failed);
  auto pass_template = name_in(*event, "passTemplate");
  auto id = needed_name_in(*event, "passId");
  auto type = needed_name_in(*event, "event");
  const auto time = needed_name_in(*event, "eventDate");
  if (!pass_template || !id || !type || !time) return fail(Errc::bad_value);
  if (auto age = check_age(*time, settings_.window, now); !age) {
    return std::unexpected(age.error());
  }
  Push push;
  push.dedup_key = dedup_key_of({*id, *type, *time});
  push.may_be_echo = type->starts_with("update");
  push.type = std::move(*type);
  push.pass_template = std::move(*pass_template);
  push.pass = {.id = *id, .serial = *id, .code = {}};
  return push;
}

}  // namespace passgate::sync
