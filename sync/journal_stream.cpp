// SPDX-License-Identifier: Apache-2.0
#include "sync/journal_stream.h"

#include <fmt/format.h>
#include <poll.h>

#include <nlohmann/json.hpp>

#include "sync/backoff.h"

namespace passgate::sync {

namespace {

using runtime::Message;
using runtime::SocketClient;

constexpr Milliseconds kSendBudget{5000};
constexpr std::chrono::hours kListen{1};  // The stream is silent when nobody taps.
constexpr Milliseconds kRetryBase{200};
constexpr Milliseconds kRetryCap{5000};

/// The batch, checked: in order, without what we have. Errors: bad_value.
Result<std::vector<gate::TapRecord>> records_of(const Message& message, std::uint64_t after) {
  const auto taps = message.find("taps");
  if (taps == message.end() || !taps->is_array()) return fail(Errc::bad_value);
  std::vector<gate::TapRecord> records;
  records.reserve(taps->size());
  for (const auto& tap : *taps) {
    auto record = gate::tap_record_from(tap);
    if (!record) return std::unexpected(record.error());
    if (record->position <= after) return fail(Errc::out_of_sequence);
    after = record->position;
    records.push_back(std::move(*record));
  }
  return records;
}

}  // namespace

JournalStream::JournalStream(std::filesystem::path core_sock, Routes routes, Parts parts,
                             int stop_fd)
    : core_sock_(std::move(core_sock)),
      routes_(std::move(routes)),
      parts_(std::move(parts)),
      stop_fd_(stop_fd) {}

void JournalStream::run() {
  for (;;) {
    const auto why = follow();
    connected_.store(false);
    if (why.code() == Errc::stopped) return;
    note(why);
    if (!pause(full_jitter(kRetryBase, kRetryCap, ++failures_, parts_.random()))) return;
  }
}

Error JournalStream::follow() {
  auto client = SocketClient::connect(core_sock_);
  if (!client) return client.error();
  const auto cursor = parts_.outbox.cursor();
  if (!cursor) return cursor.error();
  cursor_ = *cursor;
  const auto deadline = [this] { return parts_.clock.monotonic() + kSendBudget; };
  if (auto sent = client->send({{"type", "subscribe"}, {"after", cursor_}}, deadline()); !sent) {
    return sent.error();
  }
  connected_.store(true);
  for (;;) {
    const auto message = client->receive(parts_.clock.monotonic() + kListen, stop_fd_);
    if (!message && message.error().code() == Errc::deadline_exceeded) continue;
    if (!message) return message.error();
    if (auto taken = take(*message); !taken) return taken.error();
    if (auto sent = client->send({{"type", "ack"}, {"position", cursor_}}, deadline()); !sent) {
      return sent.error();
    }
  }
}

Status JournalStream::take(const Message& message) {
  const auto type = message.value("type", std::string());
  const auto error = message.value("error", std::string());
  if (type == "error" && error == name(Errc::out_of_sequence)) {
    // Replaced or restored from a backup: what we took over is not in there.
    if (auto rewound = parts_.outbox.rewind(); !rewound) return rewound;
    return fail(Errc::out_of_sequence);
  }
  if (type != "taps") return fail(Errc::bad_value);
  const auto records = records_of(message, cursor_);
  if (!records) return std::unexpected(records.error());
  if (records->empty()) return {};
  const auto jobs = jobs_of(*records, routes_);
  const auto position = records->back().position;
  const auto due = parts_.times.at(parts_.clock.monotonic());
  if (auto stored = parts_.outbox.store(jobs, position, parts_.clock.now(), due); !stored) {
    return stored;
  }
  cursor_ = position;
  failures_ = 0;
  noted_.reset();
  if (!jobs.empty()) parts_.on_jobs();
  return {};
}

void JournalStream::note(const Error& why) {
  // Said once, not at every attempt: passgated may be away for hours.
  if (noted_ && *noted_ == why) return;
  noted_ = why;
  parts_.log(runtime::Level::warning, "journal stream ended; trying again", why,
             {{"socket", core_sock_.string()}});
}

bool JournalStream::pause(Milliseconds length) const {
  pollfd stop{stop_fd_, POLLIN, 0};
  return ::poll(&stop, 1, static_cast<int>(length.count())) <= 0;
}

}  // namespace passgate::sync
