// SPDX-License-Identifier: Apache-2.0
#include "daemon/remote_opener.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace passgate::daemon {
namespace {

using runtime::Message;
using std::chrono::steady_clock;

constexpr std::size_t kLargestPayload = std::size_t{64} * 1024;

constexpr std::array kDoesNotOpen{Errc::auth_failed, Errc::unknown_key, Errc::bad_point,
                                  Errc::too_short, Errc::short_plaintext};
/// What else passgate-syncd may say of a service, for the log.
constexpr std::array kUnavailable{Errc::unreachable,  Errc::deadline_exceeded, Errc::rejected,
                                  Errc::rate_limited, Errc::bad_reply,         Errc::not_listed,
                                  Errc::not_offered,  Errc::connection_lost,   Errc::stopped,
                                  Errc::too_large,    Errc::bad_value};

Error error_named(std::string_view text) {
  const auto is_named = [&](Errc code) { return name(code) == text; };
  const auto* about_pass = std::ranges::find_if(kDoesNotOpen, is_named);
  if (about_pass != kDoesNotOpen.end()) return Error(*about_pass);
  const auto* about_service = std::ranges::find_if(kUnavailable, is_named);
  return Error(about_service != kUnavailable.end() ? *about_service : Errc::bad_reply);
}

/// A member that is text; nothing for any other.
std::string_view text(const Message& answer, const char* member) {
  const auto found = answer.find(member);
  if (found == answer.end() || !found->is_string()) return {};
  return found->get_ref<const std::string&>();
}

Result<RemoteOpener::Opened> read(const Message& answer) {
  if (text(answer, "type") == "error") return std::unexpected(error_named(text(answer, "error")));
  const auto payload = answer.find("payload");
  const bool opened = text(answer, "type") == "opened" && payload != answer.end();
  if (!opened || !payload->is_string()) return fail(Errc::bad_reply);
  auto bytes = from_hex(payload->get_ref<const std::string&>());
  if (!bytes || bytes->size() > kLargestPayload) return fail(Errc::bad_reply);
  RemoteOpener::Opened result{.payload = SecretBytes::take(*bytes), .stamped_at = {}};
  if (answer.contains("stamped_at")) {
    const auto stamp = from_rfc3339(text(answer, "stamped_at"));
    if (!stamp) return fail(Errc::bad_reply);  // Not the same as to have none.
    result.stamped_at = *stamp;
  }
  return result;
}

}  // namespace

bool does_not_open(Errc code) noexcept {
  return std::ranges::find(kDoesNotOpen, code) != kDoesNotOpen.end();
}

Result<RemoteOpener::Opened> RemoteOpener::open(const RemoteService& service,
                                                std::string_view pass_template, ByteView sealed,
                                                MonoTime deadline) {
  const auto answer = ask({{"type", "open_remote"},
                           {"service", service.name},
                           {"template", pass_template},
                           {"payload", to_hex(sealed)}},
                          std::min(deadline, steady_clock::now() + service.budget));
  if (!answer) return std::unexpected(answer.error());
  return read(*answer);
}

/// Once more when the connection was an old one: passgate-syncd may have been
/// started again since the last tap.
Result<Message> RemoteOpener::ask(const Message& question, MonoTime deadline) {
  for (;;) {
    const bool kept = client_.has_value();
    if (!kept) {
      auto connected = runtime::SocketClient::connect(sync_sock_);
      if (!connected) return std::unexpected(connected.error());
      client_ = std::move(*connected);
    }
    const auto left = std::chrono::floor<Milliseconds>(deadline - steady_clock::now());
    if (left <= Milliseconds::zero()) return fail(Errc::deadline_exceeded);
    auto answer = client_->ask(question, left);
    if (answer) return answer;
    client_.reset();
    if (!kept || answer.error().code() != Errc::unreachable) return answer;
  }
}

}  // namespace passgate::daemon
