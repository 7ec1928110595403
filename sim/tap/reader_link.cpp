// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/reader_link.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace passgate::sim {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

/// TS T0 TD1 TD2 TCK of a type A card without historical bytes (PC/SC part 3).
constexpr std::array<std::uint8_t, 5> kAtr = {0x3B, 0x80, 0x80, 0x01, 0x01};

constexpr std::size_t kFrameHead = 2;
enum Control : std::uint8_t { kOff = 0, kOn = 1, kReset = 2, kGetAtr = 4 };

/// The stream with a deadline on everything.
class Wire {
 public:
  Wire(int fd, MonoTime until) : fd_(fd), until_(until) {}

  /// The next frame, borrowed until the next call. Nothing: `late()` or closed.
  std::optional<ByteView> receive() {
    if (!fill(kFrameHead)) return std::nullopt;
    const std::size_t length = be16(buffer_);
    if (!fill(kFrameHead + length)) return std::nullopt;
    frame_.assign(buffer_.begin() + kFrameHead,
                  buffer_.begin() + static_cast<std::ptrdiff_t>(kFrameHead + length));
    buffer_.erase(buffer_.begin(),
                  buffer_.begin() + static_cast<std::ptrdiff_t>(kFrameHead + length));
    return ByteView(frame_);
  }

  bool send(ByteView payload) {
    Bytes frame;
    append_be16(frame, static_cast<std::uint16_t>(payload.size()));
    append(frame, payload);
    std::size_t sent = 0;
    while (sent < frame.size()) {
      if (!ready(POLLOUT)) return false;
      const auto n =
          ::send(fd_, frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno != EAGAIN && errno != EINTR) return false;
      sent += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    return true;
  }

  bool late() const noexcept { return late_; }

 private:
  bool ready(short events) {
    for (;;) {
      const auto left = std::chrono::ceil<Milliseconds>(until_ - steady_clock::now());
      if (left <= Milliseconds{0}) return !(late_ = true);
      pollfd waits{fd_, events, 0};
      const int n =
          ::poll(&waits, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
      if (n > 0) return true;
      if (n < 0 && errno != EINTR) return false;
    }
  }

  bool fill(std::size_t wanted) {
    while (buffer_.size() < wanted) {
      if (!ready(POLLIN)) return false;
      std::array<std::uint8_t, 4096> chunk{};
      const auto n = ::recv(fd_, chunk.data(), chunk.size(), MSG_DONTWAIT);
      if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return false;
      if (n > 0) append(buffer_, ByteView(chunk).first(static_cast<std::size_t>(n)));
    }
    return true;
  }

  int fd_;
  MonoTime until_;
  Bytes buffer_;  ///< At most one frame and one read.
  Bytes frame_;
  bool late_ = false;
};

/// Answers one control. @return whether the visit goes on.
bool obey(std::uint8_t control, Phone& phone, Wire& wire, Visit& visit) {
  switch (control) {
    case kOn:
    case kReset:
      visit.powered = true;
      phone.activate();
      return true;
    case kGetAtr: return wire.send(kAtr);
    case kOff:
      // pcscd also powers an idle card down; only after talking is it the end.
      if (visit.commands == 0) return true;
      visit.departure = Departure::released;
      return false;
    default: return true;
  }
}

/// Answers one command. @return whether the visit goes on.
bool exchange(ByteView command, Phone& phone, Wire& wire, Visit& visit) {
  ++visit.commands;
  const auto answer = phone.answer(command);
  if (!answer) {
    visit.departure = Departure::phone_left;
    return false;
  }
  if (!wire.send(*answer)) return false;
  ++visit.answered;
  if (visit.statuses.size() < Visit::kMostStatuses) {
    visit.statuses.push_back(answer->size() < 2 ? std::uint16_t{0}
                                                : be16(ByteView(*answer).last(2)));
  }
  return true;
}

}  // namespace

std::string_view name(Departure departure) noexcept {
  switch (departure) {
    case Departure::released: return "released";
    case Departure::time_over: return "time_over";
    case Departure::reader_closed: return "reader_closed";
    case Departure::phone_left: return "phone_left";
  }
  return "";
}

Result<ReaderLink> ReaderLink::enter(const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.native().size() >= sizeof address.sun_path) {
    return fail(Errc::unreachable, ENAMETOOLONG);
  }
  std::memcpy(address.sun_path, socket.c_str(), socket.native().size());
  ReaderLink link(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (link.fd_ < 0) return fail(Errc::unreachable, errno);
  if (::connect(link.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail(Errc::unreachable, errno);
  }
  return link;
}

ReaderLink::ReaderLink(ReaderLink&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

ReaderLink& ReaderLink::operator=(ReaderLink&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

ReaderLink::~ReaderLink() {
  if (fd_ >= 0) ::close(fd_);
}

Visit ReaderLink::hold(Phone& phone, Milliseconds at_most) {
  const auto entered = steady_clock::now();
  auto first_command = entered;
  Visit visit;
  visit.departure = Departure::reader_closed;
  Wire wire(fd_, entered + at_most);
  for (bool goes_on = true; goes_on;) {
    const auto frame = wire.receive();
    if (!frame) break;
    if (frame->empty()) continue;  // no such frame in the protocol
    if (frame->size() == 1) {
      goes_on = obey(frame->front(), phone, wire, visit);
    } else {
      if (visit.commands == 0) first_command = steady_clock::now();
      goes_on = exchange(*frame, phone, wire, visit);
    }
  }
  if (wire.late()) visit.departure = Departure::time_over;
  const auto left = steady_clock::now();
  visit.in_field = duration_cast<microseconds>(left - entered);
  if (visit.commands > 0) visit.talking = duration_cast<microseconds>(left - first_command);
  return visit;
}

}  // namespace passgate::sim
