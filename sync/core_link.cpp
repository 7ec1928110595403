// SPDX-License-Identifier: Apache-2.0
#include "sync/core_link.h"

#include <optional>
#include <utility>

namespace passgate::sync {

using runtime::Message;
using runtime::SocketClient;

Result<Message> CoreLink::ask(const Message& message, Milliseconds budget) {
  const auto deadline = std::chrono::steady_clock::now() + budget;
  const auto rest = [deadline] {
    return std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
  };
  auto kept = idle_.with([](auto& idle) {
    std::optional<SocketClient> client;
    if (!idle.empty()) {
      client.emplace(std::move(idle.back()));
      idle.pop_back();
    }
    return client;
  });
  if (kept) {
    auto answer = ask_over(std::move(*kept), message, budget);
    const bool stale = !answer && answer.error().code() == Errc::unreachable;
    if (!stale) return answer;
    // passgated went, and may be back: what else is kept is as dead.
    idle_.with([](auto& idle) { idle.clear(); });
    if (rest() <= Milliseconds::zero()) return fail(Errc::deadline_exceeded);
  }
  auto fresh = SocketClient::connect(path_);
  if (!fresh) return std::unexpected(fresh.error());
  return ask_over(std::move(*fresh), message, rest());
}

Result<Message> CoreLink::ask_over(SocketClient client, const Message& message,
                                   Milliseconds budget) {
  auto answer = client.ask(message, budget);
  if (!answer) return answer;
  idle_.with([&client](auto& idle) {
    if (idle.size() < kKept) idle.push_back(std::move(client));
  });
  return answer;
}

}  // namespace passgate::sync
