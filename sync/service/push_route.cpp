// SPDX-License-Identifier: Apache-2.0
#include "sync/service/push_route.h"

#include "sync/service/problem.h"

namespace passgate::sync {

namespace {

// Whoever is sent away comes again by his own schedule, but not before this.
constexpr auto kRetryAfterSeconds = "30";

HttpReply ok() {
  return {.status = 200, .content_type = {}, .headers = {}, .body = {}};
}

HttpReply refusal(Errc why) {
  switch (why) {
    case Errc::auth_failed: return problem(401, "This is not signed by the provider.");
    case Errc::too_old: return problem(400, "The event's time is outside the accepted window.");
    case Errc::too_large: return problem(413, "The body is larger than this service takes.");
    default: return problem(400, "The body is not an event of this provider.");
  }
}

HttpReply with_allow(HttpReply reply) {
  reply.headers.emplace_back("Allow", "POST");
  return reply;
}

}  // namespace

PushRoute::PushRoute(Readers readers, Deps deps) : deps_(std::move(deps)) {
  for (auto& [provider, reader] : readers) {
    if (reader) entrances_[provider].reader = std::move(reader);
  }
}

bool PushRoute::serves(const HttpAsk& ask) {
  return !ask.path.empty() && ask.path[0] == "webhooks";
}

HttpReply PushRoute::answer(const HttpAsk& ask) {
  const auto found =
      serves(ask) && ask.path.size() == 2 ? entrances_.find(ask.path[1]) : entrances_.end();
  if (found == entrances_.end()) return problem(404, "No provider pushes to this address.");
  // A CloudEvents sender asks for leave this way; without headers that give it,
  // it has none, and our providers never ask.
  if (ask.method == "OPTIONS") return with_allow(ok());
  if (ask.method != "POST") return with_allow(problem(405, "Events are posted."));
  return take(found->first, found->second, ask);
}

HttpReply PushRoute::take(const std::string& provider, Entrance& entrance, const HttpAsk& ask) {
  const auto push =
      entrance.reader->read({.headers = ask.headers, .body = ask.body}, deps_.clock.now());
  if (!push) {
    entrance.counts.with([&](PushCounts& counts) {
      ++counts.refused;
      counts.last_refusal = push.error().code();
    });
    return refusal(push.error().code());
  }
  if (!*push) {
    entrance.counts.with([](PushCounts& counts) { ++counts.ignored; });
    return ok();
  }
  return store(provider, entrance, **push);
}

HttpReply PushRoute::store(const std::string& provider, Entrance& entrance, const Push& push) {
  const NewJob job{.to = {JobKind::push, provider},
                   .pass_key = push.pass.id.empty() ? push.pass.serial : push.pass.id,
                   .event_id = push.dedup_key,
                   .body = push_body(push)};
  const auto is_new =
      deps_.outbox.enqueue(job, deps_.clock.now(), deps_.times.at(deps_.clock.monotonic()));
  entrance.counts.with([&](PushCounts& counts) {
    ++(!is_new ? counts.unstored : *is_new ? counts.accepted : counts.duplicate);
  });
  if (!is_new) {
    auto reply = problem(503, is_new.error().code() == Errc::storage_full
                                  ? "Too many events wait; come again later."
                                  : "The event could not be stored; come again later.");
    reply.headers.emplace_back("Retry-After", kRetryAfterSeconds);
    return reply;
  }
  if (*is_new && deps_.on_job) deps_.on_job();
  return ok();
}

std::optional<PushCounts> PushRoute::counts(std::string_view provider) const {
  const auto found = entrances_.find(provider);
  if (found == entrances_.end()) return std::nullopt;
  return found->second.counts.with([](const PushCounts& counts) { return counts; });
}

}  // namespace passgate::sync
