// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/vscard_link.h"

#include <algorithm>
#include <cstdint>

namespace passgate::sim {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

/// The message types that we send or heed.
enum class Type : std::uint32_t {
  init = 1,
  error = 2,  ///< Also "done", with code 0.
  reader_add = 3,
  atr = 5,
  card_remove = 6,
  apdu = 7,
};

constexpr std::size_t kHead = 12;
constexpr std::size_t kMost = 65'536;
constexpr std::uint32_t kVersion = 2;
constexpr std::uint32_t kAnyReader = 0xFFFFFFFF;
constexpr unsigned kMostOthers = 16;           ///< Messages that are not the reply waited for.
constexpr Milliseconds kTimeToTakeOut{2'000};  ///< For the reader to see the card go.

struct Message {
  Type type;
  std::uint32_t reader;
  Bytes content;
};

Result<Message> receive(CardSocket& socket, MonoTime until) {
  const auto head = socket.receive(kHead, until);
  if (!head) return std::unexpected(head.error());
  const auto words = ByteView(*head);
  const std::size_t length = be32(words.subspan(8));
  if (length > kMost) return fail(Errc::too_large);
  auto content = socket.receive(length, until);
  if (!content) return std::unexpected(content.error());
  return Message{Type{be32(words)}, be32(words.subspan(4)), std::move(*content)};
}

Status send(CardSocket& socket, Type type, std::uint32_t reader, ByteView content, MonoTime until) {
  Bytes frame;
  append_be32(frame, static_cast<std::uint32_t>(type));
  append_be32(frame, reader);
  append_be32(frame, static_cast<std::uint32_t>(content.size()));
  append(frame, content);
  return socket.send(frame, until);
}

/// The next message of a type; the others, few, are let go.
Result<Message> await(CardSocket& socket, Type type, MonoTime until) {
  for (unsigned others = 0; others < kMostOthers; ++others) {
    auto message = receive(socket, until);
    if (!message || message->type == type) return message;
  }
  return fail(Errc::bad_reply);
}

/// Sends, and waits until it is done.
Status order(CardSocket& socket, Type type, std::uint32_t reader, ByteView content,
             MonoTime until) {
  if (const auto sent = send(socket, type, reader, content, until); !sent) return sent;
  const auto reply = await(socket, Type::error, until);
  if (!reply) return std::unexpected(reply.error());
  if (reply->content.size() != 4) return fail(Errc::bad_reply);
  const auto code = be32(reply->content);
  return code == 0 ? Status{} : fail(Errc::rejected, static_cast<std::int32_t>(code));
}

Status hello(CardSocket& socket, MonoTime until) {
  Bytes content;
  append(content, bytes_of("VSCD"));
  append_be32(content, kVersion);
  append_be32(content, 0);  // no capabilities
  if (const auto sent = send(socket, Type::init, 0, content, until); !sent) return sent;
  const auto reply = await(socket, Type::init, until);
  if (!reply) return std::unexpected(reply.error());
  if (!std::ranges::equal(
          ByteView(reply->content).first(std::min<std::size_t>(4, reply->content.size())),
          bytes_of("VSCD"))) {
    return fail(Errc::bad_reply);
  }
  return order(socket, Type::reader_add, kAnyReader, bytes_of(std::string_view("phone\0", 6)),
               until);
}

/// Answers commands until something ends the visit.
Departure converse(CardSocket& socket, Phone& phone, Visit& visit, MonoTime until,
                   Milliseconds silence, MonoTime& first_command) {
  for (;;) {
    const auto patience =
        visit.commands == 0 ? until : std::min(until, steady_clock::now() + silence);
    const auto message = receive(socket, patience);
    if (!message) {
      if (message.error().code() != Errc::deadline_exceeded) return Departure::reader_closed;
      return patience == until ? Departure::time_over : Departure::silence;
    }
    if (message->type != Type::apdu) continue;
    if (visit.commands++ == 0) first_command = steady_clock::now();
    const auto answer = phone.answer(message->content);
    if (!answer) return Departure::phone_left;
    if (answer->size() > kMost || !send(socket, Type::apdu, message->reader, *answer, until)) {
      return Departure::reader_closed;
    }
    visit.count(*answer);
  }
}

}  // namespace

Result<VscardLink> VscardLink::enter(const std::filesystem::path& socket, Milliseconds within) {
  auto connected = CardSocket::connect(socket);
  if (!connected) return std::unexpected(connected.error());
  if (const auto known = hello(*connected, steady_clock::now() + within); !known) {
    return std::unexpected(known.error());
  }
  return VscardLink(std::move(*connected));
}

Visit VscardLink::hold(Phone& phone, Milliseconds at_most, Milliseconds silence) {
  const auto entered = steady_clock::now();
  const auto until = entered + at_most;
  auto first_command = entered;
  Visit visit;
  phone.activate();
  const auto inserted = order(socket_, Type::atr, 0, kPhoneAtr, until);
  visit.powered = inserted.has_value();
  visit.departure = inserted ? converse(socket_, phone, visit, until, silence, first_command)
                             : Departure::reader_closed;
  const auto left = steady_clock::now();
  if (visit.departure != Departure::reader_closed &&
      !order(socket_, Type::card_remove, 0, {}, left + kTimeToTakeOut)) {
    visit.departure = Departure::reader_closed;
  }
  visit.in_field = duration_cast<microseconds>(left - entered);
  if (visit.commands > 0) visit.talking = duration_cast<microseconds>(left - first_command);
  return visit;
}

}  // namespace passgate::sim
