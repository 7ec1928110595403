// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/reader_link.h"

namespace passgate::sim {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr std::size_t kFrameHead = 2;
enum Control : std::uint8_t { kOff = 0, kOn = 1, kReset = 2, kGetAtr = 4 };

/// Frames, until one deadline.
class Wire {
 public:
  Wire(CardSocket& socket, MonoTime until) : socket_(socket), until_(until) {}

  Result<Bytes> receive() {
    const auto head = socket_.receive(kFrameHead, until_);
    return head ? socket_.receive(be16(*head), until_) : head;
  }
  Status send(ByteView payload) {
    Bytes frame;
    append_be16(frame, static_cast<std::uint16_t>(payload.size()));
    append(frame, payload);
    return socket_.send(frame, until_);
  }

 private:
  CardSocket& socket_;
  MonoTime until_;
};

/// How a visit ends that the stream ended.
Departure departure_of(const Error& error) {
  return error.code() == Errc::deadline_exceeded ? Departure::time_over : Departure::reader_closed;
}

/// Answers one control. @return whether the visit goes on.
bool obey(std::uint8_t control, Phone& phone, Wire& wire, Visit& visit) {
  switch (control) {
    case kOn:
    case kReset:
      visit.powered = true;
      phone.activate();
      return true;
    case kGetAtr: {
      const auto sent = wire.send(kPhoneAtr);
      if (!sent) visit.departure = departure_of(sent.error());
      return sent.has_value();
    }
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
  if (const auto sent = wire.send(*answer); !sent) {
    visit.departure = departure_of(sent.error());
    return false;
  }
  visit.count(*answer);
  return true;
}

}  // namespace

Result<ReaderLink> ReaderLink::enter(const std::filesystem::path& socket) {
  auto connected = CardSocket::connect(socket);
  if (!connected) return std::unexpected(connected.error());
  return ReaderLink(std::move(*connected));
}

Visit ReaderLink::hold(Phone& phone, Milliseconds at_most) {
  const auto entered = steady_clock::now();
  auto first_command = entered;
  Visit visit;
  Wire wire(socket_, entered + at_most);
  for (bool goes_on = true; goes_on;) {
    const auto frame = wire.receive();
    if (!frame) {
      visit.departure = departure_of(frame.error());
      break;
    }
    if (frame->empty()) continue;  // no such frame in the protocol
    if (frame->size() == 1) {
      goes_on = obey(frame->front(), phone, wire, visit);
    } else {
      if (visit.commands == 0) first_command = steady_clock::now();
      goes_on = exchange(*frame, phone, wire, visit);
    }
  }
  const auto left = steady_clock::now();
  visit.in_field = duration_cast<microseconds>(left - entered);
  if (visit.commands > 0) visit.talking = duration_cast<microseconds>(left - first_command);
  return visit;
}

}  // namespace passgate::sim
