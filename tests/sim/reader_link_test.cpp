// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/reader_link.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <thread>

#include "sim/tap/hostile_phone.h"
#include "tests/rig/temp_folder.h"

namespace passgate::sim::test {
namespace {

/// A reader's side of the socket, driven by the test.
class ReaderLinkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket().string().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(listener_, 1), 0);
  }
  void TearDown() override {
    if (phone_thread_.joinable()) phone_thread_.join();
    leave();
    ::close(listener_);
  }

  std::filesystem::path socket() const { return folder_ / "r0"; }
  void leave() {
    if (card_ >= 0) ::close(card_);
    card_ = -1;
  }

  /// Puts the phone into the field on a thread of its own.
  void hold(Phone& phone, Milliseconds at_most = Milliseconds{20'000}) {
    phone_thread_ = std::thread([this, &phone, at_most] {
      auto link = ReaderLink::enter(socket());
      ASSERT_TRUE(link);
      visit_ = link->hold(phone, at_most);
    });
    card_ = ::accept(listener_, nullptr, nullptr);
    ASSERT_GE(card_, 0);
  }
  void send(const std::string& hex) const {
    const auto payload = *from_hex(hex);
    Bytes frame;
    append_be16(frame, static_cast<std::uint16_t>(payload.size()));
    append(frame, payload);
    ASSERT_EQ(::send(card_, frame.data(), frame.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(frame.size()));
  }
  std::string receive() const {
    std::array<std::uint8_t, 2> head{};
    if (::recv(card_, head.data(), head.size(), MSG_WAITALL) != 2) return "closed";
    Bytes payload(be16(head));
    if (!payload.empty()) ::recv(card_, payload.data(), payload.size(), MSG_WAITALL);
    return to_hex(payload);
  }
  const Visit& finished() {
    phone_thread_.join();
    return visit_;
  }

  ::passgate::test::TempFolder folder_;
  int listener_ = -1;
  int card_ = -1;
  std::thread phone_thread_;
  Visit visit_;
};

constexpr const char* kSelect = "00a404000a4f53452e5641532e303100";

TEST_F(ReaderLinkTest, TellsItsAtrAnswersAndLeavesWhenTheReaderPowersItOff) {
  HostilePhone phone(Hostility::garbage);
  hold(phone);
  send("01");
  send("04");
  EXPECT_EQ(receive(), "3b80800101");
  send(kSelect);
  EXPECT_TRUE(receive().ends_with("9000"));
  send("00");
  EXPECT_EQ(receive(), "closed");
  const auto& visit = finished();
  EXPECT_EQ(visit.departure, Departure::released);
  EXPECT_EQ(visit.commands, 1U);
  EXPECT_EQ(visit.answered, 1U);
  EXPECT_EQ(visit.statuses, std::vector<std::uint16_t>{0x9000});
}

TEST_F(ReaderLinkTest, StaysWhenAnIdleReaderPowersItDownBeforeTheFirstCommand) {
  HostilePhone phone(Hostility::garbage);
  hold(phone);
  send("01");
  send("00");
  send("01");
  send(kSelect);
  EXPECT_TRUE(receive().ends_with("9000"));
  leave();
  EXPECT_EQ(finished().departure, Departure::reader_closed);
}

TEST_F(ReaderLinkTest, StaysThroughAReset) {
  HostilePhone phone(Hostility::garbage);
  hold(phone);
  send("01");
  send(kSelect);
  receive();
  send("02");
  send(kSelect);
  EXPECT_TRUE(receive().ends_with("9000"));
  send("00");
  EXPECT_EQ(finished().commands, 2U);
}

TEST_F(ReaderLinkTest, LeavesByItselfWhenNobodyReleasesIt) {
  HostilePhone phone(Hostility::garbage);
  hold(phone, Milliseconds{1});
  EXPECT_EQ(receive(), "closed");
  EXPECT_EQ(finished().departure, Departure::time_over);
}

TEST_F(ReaderLinkTest, CarriesEmptyAndVeryLongAnswersAsTheyAre) {
  HostilePhone empty(Hostility::empty);
  hold(empty);
  send(kSelect);
  EXPECT_EQ(receive(), "");
  send("00");
  EXPECT_EQ(finished().statuses, std::vector<std::uint16_t>{0});
  leave();
  HostilePhone oversize(Hostility::oversize);
  hold(oversize);
  send(kSelect);
  EXPECT_EQ(receive().size(), 2U * 60'002U);
  send("00");
  EXPECT_EQ(finished().departure, Departure::released);
}

TEST_F(ReaderLinkTest, APhoneThatLeavesClosesTheConnection) {
  HostilePhone phone(Hostility::leaves);
  hold(phone);
  send(kSelect);
  receive();
  send("80ca010100");
  EXPECT_EQ(receive(), "closed");
  EXPECT_EQ(finished().departure, Departure::phone_left);
}

TEST_F(ReaderLinkTest, AFrameMayComeInPieces) {
  HostilePhone phone(Hostility::garbage);
  hold(phone);
  for (const char byte : std::string("\0\1\4", 3)) ::send(card_, &byte, 1, MSG_NOSIGNAL);
  EXPECT_EQ(receive(), "3b80800101");
  leave();
  finished();
}

TEST(ReaderLink, ReportsAReaderThatIsNotThere) {
  const auto link = ReaderLink::enter("/nonexistent/reader");
  ASSERT_FALSE(link);
  EXPECT_EQ(link.error().code(), Errc::unreachable);
  EXPECT_FALSE(ReaderLink::enter(std::string(200, 'x')));
}

}  // namespace
}  // namespace passgate::sim::test
