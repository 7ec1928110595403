// SPDX-License-Identifier: Apache-2.0
#include "sync/webhook/passmint_push.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "sync/webhook/push_fields.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;
using Read = Result<std::optional<Push>>;

constexpr std::size_t kMostSignatures = 8;
constexpr std::int64_t kLatestSecond = 253'402'300'799;  // The year 9999 ends.

/// What `passmint-signature` says; borrowed from the header.
struct Stamp {
  std::string_view time_text;
  std::chrono::sys_seconds time;
  std::vector<std::string_view> signatures;
};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::optional<std::chrono::sys_seconds> seconds_of(std::string_view text) {
  std::int64_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  if (seconds < 0 || seconds > kLatestSecond) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

/// "t=SECONDS,v1=HEX[,v1=HEX…]"; members of other names are of no concern.
std::optional<Stamp> stamp_of(std::string_view header) {
  Stamp stamp;
  while (!header.empty()) {
    const auto comma = header.find(',');
    const auto part = trimmed(header.substr(0, comma));
    header = comma == std::string_view::npos ? std::string_view{} : header.substr(comma + 1);
    if (part.starts_with("t=")) {
      // Two times would leave open which one was signed.
      if (!stamp.time_text.empty()) return std::nullopt;
      stamp.time_text = part.substr(2);
    } else if (part.starts_with("v1=")) {
      if (stamp.signatures.size() == kMostSignatures) return std::nullopt;
      stamp.signatures.push_back(part.substr(3));
    }
  }
  const auto time = seconds_of(stamp.time_text);
  if (!time || stamp.signatures.empty()) return std::nullopt;
  stamp.time = *time;
  return stamp;
}

/// The pass an event is about. Only the newer generation documents where it is;
/// the older one says no more than that it is there.
const Json& pass_in(const Json& event) {
  const Json& data = member(event, "data");
  const std::array<const Json*, 4> places{&member(member(data, "object"), "pass"),
                                          &member(data, "pass"), &data, &member(event, "pass")};
  const auto found = std::ranges::find_if(places, [](const Json* place) {
    return member(*place, "id").is_string() || member(*place, "serial_number").is_string();
  });
  return found == places.end() ? member(event, "pass") : **found;
}

/// Which scanner redeemed the pass. Errors: bad_value.
Result<std::string> scanner_in(const Json& event) {
  const Json& data = member(event, "data");
  const Json& newer = member(member(data, "object"), "redemption");
  return name_in(newer.is_null() ? member(data, "redemption") : newer, "scanner_device_id");
}

Read push_of(const Json& event, std::string id, std::string type) {
  const Json& pass = pass_in(event);
  auto pass_id = name_in(pass, "id");
  auto serial = name_in(pass, "serial_number");
  auto pass_template = name_in(pass, "template_id");
  auto device = scanner_in(event);
  if (!pass_id || !serial || !pass_template || !device) return fail(Errc::bad_value);
  if (pass_id->empty() && serial->empty()) return fail(Errc::bad_value);
  Push push;
  push.dedup_key = std::move(id);
  if (type == "pass.voided") push.told = gate::PassState::voided;
  push.may_be_echo =
      type == "pass.redeemed" || type == "pass.update_pushed" || type == "pass.updated";
  push.type = std::move(type);
  push.pass_template = std::move(*pass_template);
  push.pass = {.id = std::move(*pass_id), .serial = std::move(*serial), .code = {}};
  push.device = std::move(*device);
  const Json& mark = member(member(pass, "metadata"), "last_scan_id");
  push.tap_id = tap_id_in(Json{{"last_scan_id", mark}});
  return push;
}

}  // namespace

Status PassmintPush::verify(const PushRequest& request, WallTime now) const {
  const auto header = request.header("passmint-signature");
  if (!header) return fail(Errc::auth_failed);
  const auto stamp = stamp_of(*header);
  if (!stamp) return fail(Errc::auth_failed);
  const auto message = fmt::format("{}.{}", stamp->time_text, request.body);
  if (!secrets_.signed_by_one(message, stamp->signatures)) return fail(Errc::auth_failed);
  if (stamp->time < now - max_skew_ || stamp->time > now + max_skew_) return fail(Errc::too_old);
  return {};
}

Read PassmintPush::read(const PushRequest& request, WallTime now) const {
  if (request.body.size() > kLargestPush) return fail(Errc::too_large);
  if (auto genuine = verify(request, now); !genuine) return std::unexpected(genuine.error());
  const auto event = push_object(request.body);
  if (!event) return std::unexpected(event.error());
  auto id = needed_name_in(*event, "id");
  auto type = needed_name_in(*event, "type");
  if (!id || !type) return fail(Errc::bad_value);
  if (!type->starts_with("pass.")) return std::nullopt;
  return push_of(*event, std::move(*id), std::move(*type));
}

}  // namespace passgate::sync
