// SPDX-License-Identifier: Apache-2.0
#include "sync/service/decrypt_route.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <expected>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "core/guarded.h"
#include "sync/service/decrypt_answer.h"
#include "sync/service/decrypt_request.h"
#include "sync/token_bucket.h"

namespace passgate::sync {

namespace {

using nlohmann::json;

/// One call, for the log: nothing of what it carried.
struct Call {
  std::string client = "unknown";
  std::string pass_template = "unknown";
};

/// A refusal, with what goes with it.
struct Refused {
  DecryptRefusal refusal;
  std::chrono::seconds retry_after{0};  ///< Above 0: says when to come again.
};
using Answer = std::expected<HttpReply, Refused>;

std::unexpected<Refused> refused(const DecryptRefusal& refusal) {
  return std::unexpected(Refused{.refusal = refusal});
}

json question(const std::string& pass_template, DecryptRequest& request) {
  json ask{{"type", "open"}, {"template", pass_template}, {"payload", request.payload}};
  if (!request.session) return ask;
  auto& session = ask["session"];
  for (std::size_t i = 0; i < request.session->size(); ++i) {
    session[DecryptRequest::kSessionMembers[i]] = std::move((*request.session)[i]);
  }
  return ask;
}

std::string_view code_of(int status) {
  switch (status) {
    case 401:
    case 421: return DecryptRefusal::kNoClient.code;
    case 403: return DecryptRefusal::kNotAllowed.code;
    case 404: return DecryptRefusal::kUnknownTemplate.code;
    case 429: return DecryptRefusal::kTooFast.code;
    default: return status < 500 ? DecryptRefusal::kBadRequest.code : DecryptRefusal::kFailed.code;
  }
}

}  // namespace

struct DecryptRoute::State {
  State(const Access& clients, Deps from) : access(clients), deps(std::move(from)) {}

  const Access& access;
  const Deps deps;
  /// Made at a client's first call; there are no more than the access has clients.
  Guarded<std::map<const Client*, TokenBucket>> buckets;

  Answer answer(const HttpAsk& ask, Call& call);
  std::expected<const Client*, Refused> client_of(const HttpAsk& ask) const;
  std::optional<std::chrono::seconds> must_wait(const Client& client);
  Answer open(const std::string& pass_template, DecryptRequest& request);
};

DecryptRoute::DecryptRoute(const Access& access, Deps deps)
    : state_(std::make_unique<State>(access, std::move(deps))) {}

DecryptRoute::~DecryptRoute() = default;

bool DecryptRoute::serves(const HttpAsk& ask) {
  const auto& path = ask.path;
  return (path.size() == 3 || path.size() == 4) && path[0] == "v1" && path[1] == "passes" &&
         path.back() == "decrypt";
}

HttpReply DecryptRoute::answer(const HttpAsk& ask) {
  const auto& deps = state_->deps;
  if (ask.method != "POST") {
    auto reply = refusal(405, "This is a POST call.");
    reply.headers.emplace_back("Allow", "POST");
    return reply;
  }
  const auto start = deps.clock.monotonic();
  Call call;
  auto answer = state_->answer(ask, call);
  HttpReply reply = answer ? std::move(*answer) : reply_of(answer.error().refusal, deps.nested);
  if (!answer && answer.error().retry_after.count() > 0) {
    reply.headers.emplace_back("Retry-After", fmt::to_string(answer.error().retry_after.count()));
  }
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(deps.clock.monotonic() - start);
  deps.log(runtime::Level::info, "decrypt",
           {{"client", std::move(call.client)},
            {"template", std::move(call.pass_template)},
            {"outcome", answer ? "ok" : std::string(answer.error().refusal.code)},
            {"us", fmt::to_string(took.count())}});
  return reply;
}

HttpReply DecryptRoute::refusal(int status, std::string_view detail) const {
  return reply_of({.status = status, .code = code_of(status), .message = detail},
                  state_->deps.nested);
}

std::expected<const Client*, Refused> DecryptRoute::State::client_of(const HttpAsk& ask) const {
  const auto known = access.identify(ask);
  if (known && *known != nullptr) return *known;
  if (known || known.error() == Access::Refusal::bad_key) {
    return refused(DecryptRefusal::kNoClient);
  }
  if (known.error() == Access::Refusal::cross_origin) {
    return refused({403, DecryptRefusal::kNotAllowed.code, "Another site's page may not ask."});
  }
  // Without a key, what PassNinja's clients are told counts more than the name
  // they came under.
  if (ask.header("authorization") == nullptr) return refused(DecryptRefusal::kNoClient);
  return refused({421, DecryptRefusal::kNoClient.code, "Not a name of this service."});
}

std::optional<std::chrono::seconds> DecryptRoute::State::must_wait(const Client& client) {
  const auto now = deps.clock.monotonic();
  return buckets.with([&](auto& all) -> std::optional<std::chrono::seconds> {
    auto& bucket = all.try_emplace(&client, client.max_rps, now).first->second;
    const auto next = bucket.next(now);
    if (next <= now) {
      bucket.spend(now);
      return std::nullopt;
    }
    return std::max(std::chrono::ceil<std::chrono::seconds>(next - now), std::chrono::seconds{1});
  });
}

Answer DecryptRoute::State::answer(const HttpAsk& ask, Call& call) {
  const auto client = client_of(ask);
  if (!client) return std::unexpected(client.error());
  call.client = (*client)->account_id;
  if (!(*client)->may(Role::decrypt)) return refused(DecryptRefusal::kNotAllowed);
  if (const auto wait = must_wait(**client)) {
    return std::unexpected(Refused{.refusal = DecryptRefusal::kTooFast, .retry_after = *wait});
  }
  auto request = read_decrypt_request(ask.body);
  if (!request) return refused(refusal_of_request(request.error()));
  const bool named = ask.path.size() == 4;
  if (!named && !request->pass_type) return refused(DecryptRefusal::kBadRequest);
  const auto& wanted = named ? ask.path[2] : *request->pass_type;
  const auto& listed = (*client)->templates;
  const auto found = std::ranges::find(listed, wanted);
  if (found == listed.end()) {
    const auto& all = deps.templates;
    const bool is_others = std::ranges::find(all, wanted) != all.end();
    return refused(is_others ? DecryptRefusal::kNotAllowed : DecryptRefusal::kUnknownTemplate);
  }
  call.pass_template = *found;
  return open(*found, *request);
}

Answer DecryptRoute::State::open(const std::string& pass_template, DecryptRequest& request) {
  const auto said = deps.ask_core(question(pass_template, request));
  if (!said) {
    const bool large = said.error().code() == Errc::too_large;
    return refused(large ? DecryptRefusal::kTooLarge : DecryptRefusal::kFailed);
  }
  const auto opened = read_opened(*said);
  if (!opened) return refused(opened.error());
  auto reply = reply_of(*opened, std::move(request.payload), deps.clock.now());
  if (!reply) return refused(DecryptRefusal::kFailed);
  return std::move(*reply);
}

}  // namespace passgate::sync
