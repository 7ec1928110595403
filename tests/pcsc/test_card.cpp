// SPDX-License-Identifier: Apache-2.0
#include "tests/pcsc/test_card.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "core/require.h"

namespace passgate::test {
namespace {

// An ISO 14443-4 card without historical bytes (PC/SC part 3).
const Bytes kAtr{0x3B, 0x80, 0x80, 0x01, 0x01};

bool receive(int fd, std::span<std::uint8_t> into) {
  return ::recv(fd, into.data(), into.size(), MSG_WAITALL) == static_cast<ssize_t>(into.size());
}

}  // namespace

TestCard::TestCard(const std::filesystem::path& socket, Answer answer)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), answer_(std::move(answer)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  PG_REQUIRE(socket.native().size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, socket.c_str(), socket.native().size());
  PG_REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  thread_ = std::thread([this] { serve(); });
}

TestCard::~TestCard() {
  leave();
  ::close(fd_);
}

void TestCard::leave() {
  ::shutdown(fd_, SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
}

void TestCard::serve() {
  std::array<std::uint8_t, 2> head{};
  while (receive(fd_, head)) {
    Bytes payload(be16(head));
    if (!receive(fd_, payload) || !answer_frame(payload)) break;
  }
  ::shutdown(fd_, SHUT_RDWR);
  out_ = true;
}

bool TestCard::answer_frame(ByteView payload) {
  Bytes answer;
  if (payload.size() == 1) {
    if (payload[0] == 0) ++power_offs_;
    if (payload[0] == 1) ++power_ons_;
    if (payload[0] != 4) return true;
    answer = kAtr;
  } else {
    ++commands_;
    answer = answer_(payload);
    if (answer.empty()) return false;
  }
  Bytes frame;
  append_be16(frame, static_cast<std::uint16_t>(answer.size()));
  append(frame, answer);
  return ::send(fd_, frame.data(), frame.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(frame.size());
}

}  // namespace passgate::test
