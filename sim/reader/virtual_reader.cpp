// SPDX-License-Identifier: Apache-2.0
#include "sim/reader/virtual_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <vector>

namespace passgate::sim {
namespace {

/// ISO 14443-4 lets a card ask for at most 4949 ms of frame waiting time.
constexpr timeval kFrameWaitingTime{5, 0};
constexpr std::size_t kMaxFrame = 0xFFFF;

Descriptor bound_socket(const std::string& path, int type) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return {};
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor made(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ::unlink(path.c_str());  // of a pcscd that was killed
  if (!made.valid() ||
      ::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return {};
  }
  if (type == SOCK_STREAM && ::listen(made.get(), 16) != 0) return {};
  return made;
}

/// False once the other side has closed.
bool peer_is_there(const Descriptor& card) {
  char byte = 0;
  const auto n = ::recv(card.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

bool receive_all(const Descriptor& from, std::span<std::uint8_t> into) {
  return into.empty() || ::recv(from.get(), into.data(), into.size(), MSG_WAITALL) ==
                             static_cast<ssize_t>(into.size());
}

}  // namespace

std::unique_ptr<VirtualReader> VirtualReader::create(const std::string& path) {
  std::unique_ptr<VirtualReader> reader(new VirtualReader(path));
  reader->wake_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  reader->lamp_ =
      Descriptor(::open((path + ".lamp").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  reader->faults_in_ = bound_socket(path + ".ctl", SOCK_DGRAM);
  reader->listener_ = bound_socket(path, SOCK_STREAM);
  const bool whole = reader->wake_.valid() && reader->lamp_.valid() && reader->faults_in_.valid() &&
                     reader->listener_.valid();
  return whole ? std::move(reader) : nullptr;
}

VirtualReader::~VirtualReader() {
  ::unlink(path_.c_str());
  ::unlink((path_ + ".ctl").c_str());
}

VirtualReader::Presence VirtualReader::presence() {
  read_faults();
  if (gone_) return Presence::gone;
  // pcscd also asks from its clients' threads, and drops those answers. Only
  // the event thread may therefore take a card away or bring the next one, and
  // between the two it must have waited once: else pcscd misses the change.
  const bool asked_by_event_thread = event_thread_.load() == std::this_thread::get_id();
  if (card_.valid() && !peer_is_there(card_)) {
    if (asked_by_event_thread) {
      card_.reset();
      departure_seen_ = false;
    }
    return Presence::absent;
  }
  if (!card_.valid() && asked_by_event_thread && departure_seen_) {
    Descriptor next(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (next.valid() && peer_is_there(next)) {
      ::setsockopt(next.get(), SOL_SOCKET, SO_RCVTIMEO, &kFrameWaitingTime,
                   sizeof kFrameWaitingTime);
      ::setsockopt(next.get(), SOL_SOCKET, SO_SNDTIMEO, &kFrameWaitingTime,
                   sizeof kFrameWaitingTime);
      card_ = std::move(next);
    }
  }
  return card_.valid() ? Presence::present : Presence::absent;
}

void VirtualReader::wait(int timeout_ms) {
  event_thread_.store(std::this_thread::get_id());
  departure_seen_ = true;
  std::array<pollfd, 3> watched{
      {{wake_.get(), POLLIN, 0}, {faults_in_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}}};
  if (card_.valid()) watched[2] = {card_.get(), POLLRDHUP, 0};
  // An unplugged reader notices no card; looking would only spin.
  const nfds_t count = gone_ ? 2 : 3;
  ::poll(watched.data(), count, timeout_ms);
  std::uint64_t wakes = 0;
  [[maybe_unused]] const auto drained = ::read(wake_.get(), &wakes, sizeof wakes);
}

void VirtualReader::interrupt() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

VirtualReader::Answer VirtualReader::power(Power power, std::span<std::uint8_t> atr) {
  const std::array control{static_cast<std::uint8_t>(power)};
  if (!send_frame(control)) return {Outcome::failed};
  return power == Power::off ? Answer{Outcome::done} : ask_atr(atr);
}

VirtualReader::Answer VirtualReader::ask_atr(std::span<std::uint8_t> atr) {
  constexpr std::array<std::uint8_t, 1> kGetAtr{4};
  return send_frame(kGetAtr) ? receive_frame(atr) : Answer{Outcome::failed};
}

VirtualReader::Answer VirtualReader::transmit(std::span<const std::uint8_t> command,
                                              std::span<std::uint8_t> answer) {
  read_faults();
  suffer_delays();
  if (gone_) return {Outcome::gone};
  if (errors_ > 0) {
    --errors_;
    return {Outcome::failed};
  }
  if (!send_frame(command)) return {Outcome::failed};
  auto got = receive_frame(answer);
  if (got.outcome == Outcome::done && cuts_ > 0) {
    --cuts_;
    got.length = std::min<std::size_t>(got.length, 1);
  }
  return got;
}

void VirtualReader::suffer_delays() {
  if (delay_ms_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms_));
  while (hung_) {
    pollfd order{faults_in_.get(), POLLIN, 0};
    ::poll(&order, 1, -1);
    read_faults();
  }
}

void VirtualReader::read_faults() {
  std::array<char, 64> text{};
  for (;;) {
    const auto n = ::recv(faults_in_.get(), text.data(), text.size(), MSG_DONTWAIT);
    if (n < 0) return;
    const auto fault =
        parse_reader_fault(std::string_view(text.data(), static_cast<std::size_t>(n)));
    if (fault) apply(*fault);
  }
}

void VirtualReader::apply(ReaderFault fault) {
  switch (fault.kind) {
    case ReaderFault::Kind::gone:
    case ReaderFault::Kind::back:
      gone_ = fault.kind == ReaderFault::Kind::gone;
      interrupt();  // the order may have been read in a client's thread
      break;
    case ReaderFault::Kind::errors: errors_ = fault.amount; break;
    case ReaderFault::Kind::delay: delay_ms_ = fault.amount; break;
    case ReaderFault::Kind::hang: hung_ = true; break;
    case ReaderFault::Kind::resume: hung_ = false; break;
    case ReaderFault::Kind::cut: cuts_ = fault.amount; break;
  }
}

bool VirtualReader::send_frame(std::span<const std::uint8_t> payload) {
  if (!card_.valid() || payload.size() > kMaxFrame) return false;
  std::vector<std::uint8_t> frame{static_cast<std::uint8_t>(payload.size() >> 8),
                                  static_cast<std::uint8_t>(payload.size())};
  frame.insert(frame.end(), payload.begin(), payload.end());
  if (::send(card_.get(), frame.data(), frame.size(), MSG_NOSIGNAL) ==
      static_cast<ssize_t>(frame.size())) {
    return true;
  }
  give_card_up();
  return false;
}

VirtualReader::Answer VirtualReader::receive_frame(std::span<std::uint8_t> into) {
  std::array<std::uint8_t, 2> head{};
  errno = 0;
  if (!receive_all(card_, head)) {
    const bool silent = errno == EAGAIN;
    give_card_up();
    return {silent ? Outcome::timed_out : Outcome::failed};
  }
  const std::size_t length = static_cast<std::size_t>(head[0]) << 8 | head[1];
  if (length > into.size() || !receive_all(card_, into.first(length))) {
    give_card_up();
    return {Outcome::failed};
  }
  return {Outcome::done, length};
}

void VirtualReader::give_card_up() noexcept {
  ::shutdown(card_.get(), SHUT_RDWR);
}

}  // namespace passgate::sim
