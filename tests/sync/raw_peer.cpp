// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/raw_peer.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

namespace passgate::sync::test {

RawPeer::RawPeer(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const timeval patience{60, 0};  // against a hang, not a measurement
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

void RawPeer::say(std::string_view text) const {
  (void)::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
}

bool RawPeer::hear_more() {
  char block[4096];
  const auto count = ::recv(fd_.get(), block, sizeof block, 0);
  hung_ = count < 0 && errno != ECONNRESET;
  if (count <= 0) return false;
  heard_.append(block, static_cast<std::size_t>(count));
  return true;
}

bool RawPeer::hear_until(std::string_view text) {
  while (!heard_.contains(text)) {
    if (!hear_more()) return false;
  }
  return true;
}

std::optional<std::string> RawPeer::take_until(std::string_view text) {
  if (!hear_until(text)) return std::nullopt;
  const auto end = heard_.find(text) + text.size();
  auto taken = heard_.substr(0, end);
  heard_.erase(0, end);
  return taken;
}

std::string RawPeer::hear_to_the_end() {
  while (hear_more()) {
  }
  return hung_ ? "hung" : heard_;
}

}  // namespace passgate::sync::test
