// SPDX-License-Identifier: Apache-2.0
#include "sync/service/live_taps.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "sync/backoff.h"
#include "sync/service/readiness.h"

namespace passgate::sync {

namespace {

using runtime::Message;

constexpr Milliseconds kSendBudget{5000};
constexpr Milliseconds kRetryBase{100};
constexpr Milliseconds kRetryCap{2000};
constexpr Milliseconds kStatusPause{2'000};  // Of it only what no state tells is used.

std::string text_of(const Message& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::uint64_t position_of(const nlohmann::json& tap) {
  const auto found = tap.find("position");
  return found != tap.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

bool is_conflict(const nlohmann::json& tap) {
  return text_of(tap, "kind") == "conflict";
}

LiveTaps::LiveTaps(Settings settings, Parts parts, int stop_fd)
    : settings_(std::move(settings)),
      parts_(std::move(parts)),
      stop_fd_(stop_fd),
      last_beat_(parts_.clock.monotonic()),
      last_status_(last_beat_) {
  state_.since = parts_.clock.now();
  state_.reasons = reasons_against(nullptr, nullptr, false);
  state_.readers = Json::array();
}

void LiveTaps::run() {
  for (;;) {
    const auto why = follow();
    client_.reset();
    if (why.code() == Errc::stopped) return;
    set_absent();
    note(why);
    if (!pause(full_jitter(kRetryBase, kRetryCap, ++failures_, parts_.random()))) return;
  }
}

Error LiveTaps::follow() {
  auto client = runtime::SocketClient::connect(settings_.core_sock);
  if (!client) return client.error();
  client_.emplace(std::move(*client));
  catching_up_ = true;
  held_.clear();
  // What lies between the last connection and this one is asked for on the same
  // connection after the following has begun: nothing falls between the two.
  if (auto sent = ask({{"type", "follow"}}); !sent) return sent.error();
  Message missed{{"type", "taps"}, {"limit", position_ ? kKept : 1}};
  if (position_) missed["after"] = *position_;
  if (auto sent = ask(missed); !sent) return sent.error();
  auto heard = parts_.clock.monotonic();
  last_status_ = heard - kStatusPause;
  for (;;) {
    const auto now = parts_.clock.monotonic();
    if (now - heard >= settings_.silence) return Error(Errc::deadline_exceeded);
    if (now - last_status_ >= kStatusPause) {
      last_status_ = now;
      if (auto sent = ask({{"type", "status"}}); !sent) return sent.error();
    }
    const auto until = std::min(heard + settings_.silence, last_beat_ + settings_.beat);
    auto message = client_->receive(until, stop_fd_);
    beat_if_due();
    if (!message && message.error().code() == Errc::deadline_exceeded) continue;
    if (!message) return message.error();
    heard = parts_.clock.monotonic();
    if (auto taken = take(std::move(*message)); !taken) return taken.error();
  }
}

Status LiveTaps::ask(const Message& question) {
  return client_->send(question, parts_.clock.monotonic() + kSendBudget);
}

Status LiveTaps::take(Message message) {
  const auto type = text_of(message, "type");
  if (type == "following" || type == "state") {
    set_state(message["state"]);
  } else if (type == "tap" && catching_up_) {
    if (held_.size() == kKept) return fail(Errc::bad_reply);
    held_.push_back(std::move(message["tap"]));
  } else if (type == "tap") {
    publish(std::move(message["tap"]), false);
  } else if (type == "taps" && catching_up_) {
    catch_up(message["taps"]);
  } else if (type == "status") {
    {
      const std::lock_guard lock(mutex_);
      status_ = std::move(message);
    }
    if (const auto now = state(); now.connected) set_state(now.core);
  } else {
    return fail(Errc::bad_reply);
  }
  return {};
}

void LiveTaps::catch_up(const Json& taps) {
  catching_up_ = false;
  const std::size_t count = taps.is_array() ? taps.size() : 0;
  const auto newest = count == 0 ? 0 : position_of(taps.back());
  if (!position_) {
    // The first time: nobody was told anything before.
    position_ = newest;
    const std::lock_guard lock(mutex_);
    last_position_ = *position_;
    // What is held was told after the following began: it is new.
  } else if (count == kKept) {
    // There may be still more of them, and the watchers could not take these.
    skip_all();
    position_ = newest;
  } else {
    for (const auto& tap : taps) {
      if (!is_conflict(tap)) publish(tap, true);
    }
    position_ = std::max(*position_, newest);
    return tell_held(newest);
  }
  tell_held(0);
}

/// What was told while the journal was asked, without what it had already.
void LiveTaps::tell_held(std::uint64_t told) {
  for (auto& tap : std::exchange(held_, {})) {
    if (const auto position = position_of(tap); position != 0 && position <= told) continue;
    publish(std::move(tap), false);
  }
}

void LiveTaps::set_state(const Json& core) {
  failures_ = 0;
  noted_.reset();
  auto reasons = reasons_against(core, status(), !settings_.readers.empty());
  auto readers = readers_of(core);
  {
    const std::lock_guard lock(mutex_);
    const bool news = !state_.connected || state_.reasons != reasons || state_.readers != readers;
    if (!state_.connected) state_.since = parts_.clock.now();
    state_.connected = true;
    state_.core = core.is_object() ? core : Json::object();
    state_.reasons = std::move(reasons);
    state_.readers = std::move(readers);
    if (!news) return;
    ++state_.version;
  }
  wake_all();
}

void LiveTaps::set_absent() {
  {
    const std::lock_guard lock(mutex_);
    status_ = nullptr;
    if (!state_.connected) return;
    state_ = {.connected = false,
              .since = parts_.clock.now(),
              .core = nullptr,
              .reasons = reasons_against(nullptr, nullptr, false),
              .readers = Json::array(),
              .version = state_.version + 1};
  }
  wake_all();
}

/// As passgated lists them, and those of the configuration that it does not see.
nlohmann::json LiveTaps::readers_of(const Json& core) const {
  Json readers = Json::array();
  const auto add = [&](std::string name, std::string state) {
    readers.push_back({{"reader", std::move(name)}, {"state", std::move(state)}});
  };
  const auto listed = [&](const std::string& name) {
    return std::ranges::any_of(readers, [&](const Json& one) { return one["reader"] == name; });
  };
  const auto known = core.is_object() ? core.find("readers") : core.end();
  if (known != core.end() && known->is_array()) {
    for (const auto& one : *known) {
      if (one.is_object()) add(text_of(one, "reader"), text_of(one, "state"));
    }
  }
  for (const auto& name : settings_.readers) {
    if (!name.empty() && !listed(name)) add(name, "unavailable");
  }
  return readers;
}

void LiveTaps::publish(Json report, bool replayed) {
  auto tap = std::make_shared<const Tap>(
      Tap{.report = std::move(report), .replayed = replayed, .seen = parts_.clock.monotonic()});
  const auto position = position_of(tap->report);
  if (position != 0) position_ = position;
  {
    const std::lock_guard lock(mutex_);
    taps_.push_back(std::move(tap));
    if (taps_.size() > kKept) taps_.pop_front();
    ++next_;
    if (position != 0) last_position_ = position;
  }
  wake_all();
}

/// Every watcher has missed something.
void LiveTaps::skip_all() {
  {
    const std::lock_guard lock(mutex_);
    taps_.clear();
    ++next_;
  }
  wake_all();
}

void LiveTaps::beat_if_due() {
  if (parts_.clock.monotonic() - last_beat_ < settings_.beat) return;
  last_beat_ = parts_.clock.monotonic();
  {
    const std::lock_guard lock(mutex_);
    ++state_.version;
  }
  wake_all();
}

void LiveTaps::wake_all() {
  std::vector<std::shared_ptr<const std::function<void()>>> wakes;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [watcher, wake] : watchers_) wakes.push_back(wake);
  }
  for (const auto& wake : wakes) (*wake)();
}

void LiveTaps::note(const Error& why) {
  // Said once, not at every attempt: passgated may be away for hours.
  if (noted_ && *noted_ == why) return;
  noted_ = why;
  parts_.log(runtime::Level::warning, "passgated is not followed; trying again", why,
             {{"socket", settings_.core_sock.string()}});
}

bool LiveTaps::pause(Milliseconds length) {
  const auto end = parts_.clock.monotonic() + length;
  for (;;) {
    const auto now = parts_.clock.monotonic();
    if (now >= end) return true;
    const auto until = std::min(end, last_beat_ + settings_.beat) - now;
    const auto wait = std::max(std::chrono::ceil<Milliseconds>(until), Milliseconds::zero());
    pollfd stop{stop_fd_, POLLIN, 0};
    if (::poll(&stop, 1, static_cast<int>(wait.count())) > 0) return false;
    beat_if_due();
  }
}

LiveTaps::State LiveTaps::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

nlohmann::json LiveTaps::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

std::size_t LiveTaps::watchers() const {
  const std::lock_guard lock(mutex_);
  return watchers_.size();
}

bool LiveTaps::knows_reader(std::string_view name) const {
  if (!name.empty() && std::ranges::find(settings_.readers, name) != settings_.readers.end()) {
    return true;
  }
  const auto readers = state().readers;
  return std::ranges::any_of(readers, [&](const Json& one) { return one["reader"] == name; });
}

LiveTaps::News LiveTaps::since(std::uint64_t number, std::size_t most) const {
  const std::lock_guard lock(mutex_);
  const auto oldest = next_ - taps_.size();
  const auto from = std::max(number, oldest);
  News news{.taps = {}, .next = from, .missed = number < oldest};
  while (news.next < next_ && news.taps.size() < most) {
    news.taps.push_back(taps_[static_cast<std::size_t>(news.next++ - oldest)]);
  }
  return news;
}

std::uint64_t LiveTaps::next() const {
  const std::lock_guard lock(mutex_);
  return next_;
}

LiveTaps::Place LiveTaps::attach(std::function<void()> wake) {
  auto shared = std::make_shared<const std::function<void()>>(std::move(wake));
  const std::lock_guard lock(mutex_);
  watchers_.emplace(++last_watcher_, std::move(shared));
  return {.watcher = last_watcher_, .next = next_, .position = last_position_};
}

void LiveTaps::detach(std::uint64_t watcher) {
  const std::lock_guard lock(mutex_);
  watchers_.erase(watcher);
}

}  // namespace passgate::sync
