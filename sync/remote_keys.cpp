// SPDX-License-Identifier: Apache-2.0
#include "sync/remote_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

#include "core/bytes.h"
#include "sync/error_message.h"
#include "sync/http/url.h"
#include "sync/remote_answer.h"

namespace passgate::sync {

namespace {

using runtime::Message;
using std::chrono::steady_clock;

constexpr std::size_t kAnswerLimit = std::size_t{256} << 10;

/// A code of our own transport, in the words of who asks: that TLS failed must
/// not read as "the payload does not open".
Error of_transport(const Error& error) {
  switch (error.code()) {
    case Errc::auth_failed: return Error(Errc::unreachable, error.detail());
    case Errc::too_large:
    case Errc::bad_value: return Error(Errc::bad_reply, error.detail());
    default: return error;
  }
}

Result<RemotelyOpened> ask_service(const DecryptServiceTerms& service,
                                   const std::string& pass_template, const std::string& payload,
                                   Milliseconds budget, CurlClient& http) {
  if (budget <= Milliseconds::zero()) return fail(Errc::deadline_exceeded);
  const HttpRequest request{
      .method = "POST",
      .url = fmt::format("{}/passes/{}/decrypt", without_trailing_slash(service.url),
                         percent_encode(pass_template)),
      .body = Message{{"payload", payload}}.dump(),
      .headers = {{"Content-Type", "application/json"},
                  {"Accept", "application/json"},
                  {"X-ACCOUNT-ID", service.account_id}},
      .secret_headers = {{.name = "X-API-KEY", .scheme = "", .value = &service.api_key}},
      .budget = budget,
      .answer_limit = kAnswerLimit};
  const auto answer = http.perform(request);
  if (!answer) return std::unexpected(of_transport(answer.error()));
  return read_remote_answer(*answer);
}

}  // namespace

RemoteKeys::RemoteKeys(std::vector<DecryptServiceTerms> services, const runtime::Log& log)
    : services_(std::move(services)), log_(log) {}

RemoteKeys::~RemoteKeys() {
  stop();
  for (auto& thread : threads_) thread.join();
}

void RemoteKeys::start(std::function<void()> on_answer) {
  on_answer_ = std::move(on_answer);
  if (services_.empty()) return;
  for (std::size_t i = 0; i < kThreads; ++i) {
    auto& http = *clients_.emplace_back(std::make_unique<CurlClient>());
    threads_.emplace_back([this, &http] { work(http); });
  }
}

void RemoteKeys::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  bell_.notify_all();
  for (const auto& http : clients_) http->stop();
}

std::optional<Message> RemoteKeys::ask(ClientId client, const Message& message) {
  const auto text = [&message](const char* member) -> const std::string& {
    return message.at(member).get_ref<const std::string&>();
  };
  const auto found = std::ranges::find(services_, text("service"), &DecryptServiceTerms::name);
  Question question{.client = client,
                    .service = nullptr,
                    .pass_template = text("template"),
                    .payload = text("payload"),
                    .deadline = {}};
  if (found == services_.end() || question.pass_template.empty()) {
    return error_message(Errc::bad_value);
  }
  if (question.payload.empty() || !from_hex(question.payload)) return error_message(Errc::bad_hex);
  question.service = &*found;
  question.deadline = steady_clock::now() + found->timeout;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMostWaiting) return error_message(Errc::rate_limited);
    waiting_.push_back(std::move(question));
  }
  bell_.notify_one();
  return std::nullopt;
}

std::vector<std::pair<RemoteKeys::ClientId, Message>> RemoteKeys::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answered_, {});
}

void RemoteKeys::forget(ClientId client) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [client](const Question& one) { return one.client == client; });
}

void RemoteKeys::work(CurlClient& http) {
  for (;;) {
    Question question;
    {
      std::unique_lock lock(mutex_);
      bell_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
      if (stopped_) return;
      question = std::move(waiting_.front());
      waiting_.pop_front();
    }
    Message said;
    try {
      said = answer(question, http);
    } catch (const std::exception&) {  // Out of memory: who asks shall not wait in vain.
      said = error_message(Errc::bad_reply);
    }
    {
      const std::lock_guard lock(mutex_);
      answered_.emplace_back(question.client, std::move(said));
    }
    on_answer_();
  }
}

Message RemoteKeys::answer(const Question& question, CurlClient& http) const {
  const auto rest = std::chrono::floor<Milliseconds>(question.deadline - steady_clock::now());
  const auto opened =
      ask_service(*question.service, question.pass_template, question.payload, rest, http);
  if (!opened) {
    report(question, opened.error());
    return error_message(opened.error().code());
  }
  Message said{{"type", "opened"}, {"payload", to_hex(opened->payload)}};
  if (opened->stamped_at) said["stamped_at"] = *opened->stamped_at;
  return said;
}

void RemoteKeys::report(const Question& question, const Error& error) const {
  const auto& service = question.service->name;
  switch (error.code()) {
    case Errc::auth_failed:  // An ordinary refusal: the tap says so.
    case Errc::stopped: return;
    case Errc::rejected:
      return log_(runtime::Level::error,
                  "the decryption service refuses us: are account_id and api_key right, and may "
                  "they decrypt this template?",
                  error, {{"decrypt_service", service}, {"template", question.pass_template}});
    case Errc::not_listed:
      return log_(runtime::Level::error, "the decryption service does not know this template",
                  error, {{"decrypt_service", service}, {"template", question.pass_template}});
    default:
      return log_(runtime::Level::warning, "the decryption service opened nothing", error,
                  {{"decrypt_service", service}});
  }
}

}  // namespace passgate::sync
