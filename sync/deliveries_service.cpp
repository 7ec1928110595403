// SPDX-License-Identifier: Apache-2.0
#include "sync/deliveries_service.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "sync/error_message.h"

namespace passgate::sync {

namespace {

using runtime::Message;

constexpr std::int64_t kMostAtOnce = 100;
/// Bytes of one text in an answer: 100 entries, each byte as \u00xx, stay far
/// below the frame limit.
constexpr std::size_t kLongestText = 512;
constexpr std::string_view kRedemptionSuffix = "-redemption";

Message refusal(std::string_view why) {
  auto message = error_message(Errc::rejected);
  message["why"] = why;
  return message;
}

/// A positive number; absent when it is none. `otherwise` when it is not there.
std::optional<std::int64_t> positive_number(const Message& message, const char* key,
                                            std::optional<std::int64_t> otherwise) {
  const auto found = message.find(key);
  if (found == message.end() || found->is_null()) return otherwise;
  if (!found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  const auto value = found->get<std::int64_t>();
  return value > 0 ? std::optional(value) : std::nullopt;
}

std::string_view name_of(JobKind kind) {
  constexpr std::array<std::string_view, 3> kNames = {"delivery", "redemption", "push"};
  return kNames.at(static_cast<std::size_t>(kind));
}

Message entry_of(const JobView& job) {
  return {{"id", job.id},
          {"kind", name_of(job.to.kind)},
          {"destination", job.to.name.substr(0, kLongestText)},
          {"pass", job.pass_key.substr(0, kLongestText)},
          {"event", job.event_id.substr(0, kLongestText)},
          {"state", job.state},
          {"attempts", job.attempts},
          {"last_error", job.last_error},
          {"created", to_rfc3339_ms(job.created)},
          {"finished", job.finished ? Message(to_rfc3339_ms(*job.finished)) : Message(nullptr)}};
}

/// The same order, to be taken back. Errors: bad_value (not a redemption, or one
/// that is an undo itself).
Result<std::string> undo_body(std::string_view body) {
  auto order = Message::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!order.is_object() || order.contains("undo")) return fail(Errc::bad_value);
  order["undo"] = true;
  return order.dump(-1, ' ', false, Message::error_handler_t::replace);
}

}  // namespace

std::optional<Message> DeliveriesService::answer(const Message& message) {
  const auto type = message.find("type");
  if (type == message.end()) return std::nullopt;
  if (*type == "deliveries") return list(message);
  if (*type == "redeliver") return redeliver(message);
  if (*type == "undo") return undo(message);
  return std::nullopt;
}

Message DeliveriesService::list(const Message& message) {
  JobFilter filter;
  const auto limit = positive_number(message, "limit", kMostAtOnce);
  const auto before = positive_number(message, "before", INT64_MAX);
  const auto failed = message.find("failed");
  if (!limit || !before || (failed != message.end() && !failed->is_boolean())) {
    return error_message(Errc::bad_value);
  }
  filter.limit = static_cast<std::size_t>(std::min(*limit, kMostAtOnce));
  filter.before_id = *before;
  filter.only_failed = failed != message.end() && failed->get<bool>();
  const bool one = message.contains("id");
  if (one) {
    filter.id = positive_number(message, "id", std::nullopt);
    if (!filter.id) return error_message(Errc::bad_value);
  }
  const auto jobs = parts_.outbox.list(filter);
  if (!jobs) return error_message(jobs.error().code());
  Message entries = Message::array();
  for (const auto& job : *jobs) {
    auto entry = one ? with_tries(job) : Result<Message>(entry_of(job));
    if (!entry) return error_message(entry.error().code());
    entries.push_back(std::move(*entry));
  }
  return {{"type", "deliveries"}, {"deliveries", std::move(entries)}};
}

Result<Message> DeliveriesService::with_tries(const JobView& job) {
  const auto attempts = parts_.outbox.attempts(job.event_id, job.to);
  if (!attempts) return std::unexpected(attempts.error());
  Message tries = Message::array();
  for (const auto& attempt : *attempts) {
    tries.push_back({{"at", to_rfc3339_ms(attempt.at)},
                     {"took_ms", attempt.took.count()},
                     {"status", attempt.status ? Message(*attempt.status) : Message(nullptr)},
                     {"error", attempt.error}});
  }
  auto entry = entry_of(job);
  entry["tries"] = std::move(tries);
  return entry;
}

Message DeliveriesService::redeliver(const Message& message) {
  const auto id = positive_number(message, "id", std::nullopt);
  if (!id) return error_message(Errc::bad_value);
  const auto again = parts_.outbox.redeliver(*id, due());
  if (!again) return error_message(again.error().code());
  if (!*again) {
    const auto found = parts_.outbox.list({.id = id});
    if (!found) return error_message(found.error().code());
    if (found->empty()) return refusal("unknown");
    return refusal(found->front().undone ? "use_undone" : "not_failed");
  }
  parts_.on_jobs();
  return {{"type", "ok"}};
}

Message DeliveriesService::undo(const Message& message) {
  const auto id = positive_number(message, "id", std::nullopt);
  if (!id) return error_message(Errc::bad_value);
  const auto found = parts_.outbox.list({.id = id});
  if (!found) return error_message(found.error().code());
  if (found->empty()) return refusal("unknown");
  const auto& job = found->front();
  // One that may have been counted can be taken back as well: the person who
  // asks for it has looked at the provider's own records.
  const bool recorded = job.state == "done" || job.state == "ambiguous";
  if (job.to.kind != JobKind::redemption || !recorded ||
      !job.event_id.ends_with(kRedemptionSuffix)) {
    return refusal("not_recorded");
  }
  const auto kept = parts_.outbox.body_of(*id);
  if (!kept) return error_message(kept.error().code());
  if (!*kept) return refusal("unknown");
  const auto body = undo_body((*kept)->second);
  if (!body) return refusal("not_recorded");
  const auto tap = job.event_id.substr(0, job.event_id.size() - kRedemptionSuffix.size());
  const auto is_new = parts_.outbox.enqueue(
      {.to = job.to, .pass_key = job.pass_key, .event_id = tap + "-undo", .body = *body},
      parts_.clock.now(), due());
  if (!is_new) return error_message(is_new.error().code());
  if (!*is_new) return refusal("undone");
  parts_.on_jobs();
  return {{"type", "ok"}};
}

}  // namespace passgate::sync
