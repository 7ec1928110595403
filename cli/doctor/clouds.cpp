// SPDX-License-Identifier: Apache-2.0
// Whom passgate-syncd talks to, by what it says of them: it has the secrets and
// the network, so its last exchange is the test.
#include <fmt/format.h>

#include <algorithm>

#include "cli/doctor/checks.h"
#include "cli/doctor/credential.h"
#include "cli/shown_text.h"

namespace passgate::cli::doctor {
namespace {

using nlohmann::json;

/// The entry of that name; nothing when passgate-syncd has none.
const json* entry(const json& said, const char* list, const std::string& name) {
  const auto all = said.find(list);
  if (all == said.end() || !all->is_array()) return nullptr;
  const auto found =
      std::ranges::find_if(*all, [&](const json& one) { return shown_text(one, "name") == name; });
  return found == all->end() ? nullptr : &*found;
}

std::string last_exchange(const json& one) {
  const auto status = shown_text(one, "last_status", "");
  return shown_text(one, "last_error") + (status.empty() ? "" : ", HTTP " + status);
}

bool is_refusal(const json& one) {
  const auto status = shown_text(one, "last_status", "");
  return status == "401" || status == "403" || shown_text(one, "state") == "paused";
}

/// How a secret is replaced where it lies.
std::string replace(const std::optional<runtime::SecretRef>& secret) {
  const std::string restart = " && sudo systemctl restart passgate-syncd";
  if (!secret) return "sudo systemctl restart passgate-syncd";
  if (secret->kind == runtime::SecretRef::Kind::file) {
    return "sudoedit " + word(secret->path.string()) + restart;
  }
  const auto file = credential_file(kCloudCredentials, secret->credential);
  // The shipped unit did not give it: where it lies, a line of somebody's own says.
  if (!file) return "systemctl cat passgate-syncd";
  return fmt::format("sudo systemd-creds encrypt --name={} - {}", word(secret->credential),
                     word(file->string())) +
         restart;
}

/// The address without its path, for a person's try.
std::string try_out(const std::string& url) {
  return "curl -sS -o /dev/null -w '%{http_code}\\n' " + word(url);
}

Finding runs_with_another(const std::string& what) {
  return broken(what, "passgate-syncd runs with another configuration",
                "sudo systemctl restart passgate-syncd");
}

/// What was given up for good, or may have been counted twice.
std::optional<Finding> given_up(const std::string& what, const json& one, const char* failed) {
  const auto count = shown_text(one, failed, "0");
  const auto unclear = shown_text(one, "ambiguous", "0");
  if (count == "0" && unclear == "0") return std::nullopt;
  return worry(what,
               fmt::format("{} were given up, {} may or may not have arrived: look, then "
                           "'passgate deliveries redeliver ID'",
                           count, unclear),
               "passgate deliveries --failed");
}

/// The templates that were never fetched completely.
std::string never_complete(const json& one) {
  std::string names;
  for (const json& each : one.value("templates", json::array())) {
    if (each.contains("completed_at") && !each.at("completed_at").is_null()) continue;
    names += (names.empty() ? "" : ", ") + shown_text(each, "template");
  }
  return names;
}

Finding judge(const runtime::ProviderConfig& provider, const json& said) {
  const auto what = "cloud " + provider.name;
  const json* one = entry(said, "providers", provider.name);
  if (one == nullptr) return runs_with_another(what);
  if (is_refusal(*one)) {
    return broken(
        what, fmt::format("it refuses us ({}): account or API key are wrong", last_exchange(*one)),
        replace(provider.api_key));
  }
  if (shown_text(*one, "state") != "ok") {
    return broken(what, fmt::format("the last exchange failed ({})", last_exchange(*one)),
                  try_out(provider.base_url));
  }
  if (auto lost = given_up(what, *one, "refused")) return *lost;
  if (const auto names = never_complete(*one); !names.empty()) {
    return worry(what, fmt::format("answers; the list of {} was never fetched to its end", names),
                 "passgate status");
  }
  return good(what, "reachable and authorised");
}

Finding judge(const runtime::SubscriberConfig& subscriber, const json& said) {
  const auto what = "subscriber " + subscriber.name;
  const json* one = entry(said, "subscribers", subscriber.name);
  if (one == nullptr) return runs_with_another(what);
  const auto state = shown_text(*one, "state");
  if (state == "disabled") {
    return broken(what, "it said that it is gone (410), so nothing is sent any more",
                  "sudo systemctl restart passgate-syncd");
  }
  if (is_refusal(*one)) {
    return broken(what, fmt::format("it refuses us ({})", last_exchange(*one)),
                  replace(subscriber.bearer));
  }
  if (state == "waiting for consent") {
    return worry(what, "it has not agreed yet to be sent events", try_out(subscriber.url));
  }
  if (state != "ok") {
    return broken(what, fmt::format("the last delivery failed ({})", last_exchange(*one)),
                  try_out(subscriber.url));
  }
  if (auto lost = given_up(what, *one, "dead")) return *lost;
  const auto queued = shown_text(*one, "queued", "0");
  return good(what, queued == "0" ? "nothing waits" : queued + " wait to be sent");
}

template <class Peers>
Findings judge_each(const Subject& subject, const Peers& peers) {
  if (!subject.sync) return {};  // Said of passgate-syncd.
  Findings found;
  for (const auto& peer : peers) found.push_back(judge(peer, *subject.sync));
  return found;
}

}  // namespace

Findings check_providers(const Subject& subject) {
  return judge_each(subject, subject.config.providers);
}

Findings check_subscribers(const Subject& subject) {
  return judge_each(subject, subject.config.subscribers);
}

}  // namespace passgate::cli::doctor
