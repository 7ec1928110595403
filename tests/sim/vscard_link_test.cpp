// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/vscard_link.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <optional>
#include <thread>

#include "sim/tap/hostile_phone.h"
#include "tests/rig/temp_folder.h"

namespace passgate::sim::test {
namespace {

constexpr Milliseconds kLong{20'000};
constexpr Milliseconds kShort{1};
constexpr const char* kSelect = "00a404000a4f53452e5641532e303100";
constexpr const char* kDone =
    "000000020000000000000004"
    "00000000";
constexpr const char* kHello =
    "000000010000000000000004"
    "56534344";

/// QEMU's side of the socket, driven by the test: hexadecimal out and in.
class VscardLinkTest : public ::testing::Test {
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
    leave();
    if (phone_thread_.joinable()) phone_thread_.join();
    ::close(listener_);
  }

  std::filesystem::path socket() const { return folder_ / "card"; }
  void leave() {
    if (reader_ >= 0) ::close(reader_);
    reader_ = -1;
  }

  /// Lets the phone come, on a thread of its own.
  void come(Phone& phone, Milliseconds at_most, Milliseconds silence, Milliseconds within = kLong) {
    phone_thread_ = std::thread([this, &phone, at_most, silence, within] {
      auto link = VscardLink::enter(socket(), within);
      if (!link) {
        refused_ = link.error();
        return;
      }
      visit_ = link->hold(phone, at_most, silence);
    });
    reader_ = ::accept(listener_, nullptr, nullptr);
    ASSERT_GE(reader_, 0);
  }
  void send(const std::string& hex) const {
    const auto bytes = *from_hex(hex);
    ASSERT_EQ(::send(reader_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void send_command(const std::string& hex) const {
    Bytes head;
    append_be32(head, 7);
    append_be32(head, 5);  // the reader's id, to be given back
    append_be32(head, static_cast<std::uint32_t>(hex.size() / 2));
    send(to_hex(head) + hex);
  }
  std::string receive() const {
    std::array<std::uint8_t, 12> head{};
    if (::recv(reader_, head.data(), head.size(), MSG_WAITALL) != 12) return "closed";
    Bytes content(be32(ByteView(head).subspan(8)));
    if (!content.empty()) ::recv(reader_, content.data(), content.size(), MSG_WAITALL);
    return to_hex(head) + to_hex(content);
  }
  /// As QEMU does until the card is in.
  void welcome() const {
    EXPECT_EQ(receive(),
              "00000001000000000000000c"
              "565343440000000200000000");
    send(kHello);
    EXPECT_TRUE(receive().starts_with("00000003ffffffff"));
    send(kDone);
    EXPECT_EQ(receive(),
              "000000050000000000000005"
              "3b80800101");
    send(kDone);
  }
  const Visit& finished() {
    phone_thread_.join();
    return *visit_;
  }
  Error refused() {
    phone_thread_.join();
    return refused_.value_or(Error(Errc::stopped));
  }

  ::passgate::test::TempFolder folder_;
  int listener_ = -1;
  int reader_ = -1;
  std::thread phone_thread_;
  std::optional<Visit> visit_;
  std::optional<Error> refused_;
};

TEST_F(VscardLinkTest, PutsTheCardInAnswersAndTakesItOutAfterSilence) {
  HostilePhone phone(Hostility::garbage);
  come(phone, kLong, kShort);
  welcome();
  send_command(kSelect);
  const auto answer = receive();
  EXPECT_TRUE(answer.starts_with("0000000700000005")) << answer;
  EXPECT_TRUE(answer.ends_with("9000")) << answer;
  EXPECT_EQ(receive(), "000000060000000000000000");
  send(kDone);
  EXPECT_EQ(receive(), "closed");
  const auto& visit = finished();
  EXPECT_EQ(visit.departure, Departure::silence);
  EXPECT_TRUE(visit.powered);
  EXPECT_EQ(visit.commands, 1U);
  EXPECT_EQ(visit.statuses, std::vector<std::uint16_t>{0x9000});
}

TEST_F(VscardLinkTest, WaitsForTheFirstCommandLongerThanTheSilence) {
  HostilePhone phone(Hostility::garbage);
  come(phone, Milliseconds{50}, kShort);
  welcome();
  EXPECT_EQ(receive(), "000000060000000000000000");
  send(kDone);
  EXPECT_EQ(finished().departure, Departure::time_over);
}

TEST_F(VscardLinkTest, DoesNotTakeOtherMessagesForCommands) {
  HostilePhone phone(Hostility::garbage);
  come(phone, kLong, kLong);
  welcome();
  send("000000080000000000000000");  // flush
  send("ffffffff0000000000000002abcd");
  send_command(kSelect);
  EXPECT_TRUE(receive().ends_with("9000"));
  leave();
  EXPECT_EQ(finished().commands, 1U);
}

TEST_F(VscardLinkTest, APhoneThatLeavesIsTakenOut) {
  HostilePhone phone(Hostility::leaves);
  come(phone, kLong, kLong);
  welcome();
  send_command(kSelect);
  receive();
  send_command("80ca010100");
  EXPECT_EQ(receive(), "000000060000000000000000");
  send(kDone);
  EXPECT_EQ(finished().departure, Departure::phone_left);
}

TEST_F(VscardLinkTest, TellsThatTheMachineWentAway) {
  HostilePhone phone(Hostility::garbage);
  come(phone, kLong, kLong);
  welcome();
  leave();
  EXPECT_EQ(finished().departure, Departure::reader_closed);
}

TEST_F(VscardLinkTest, AFrameBeyondWhatQemuCanHoldEndsTheVisit) {
  HostilePhone phone(Hostility::garbage);
  come(phone, kLong, kLong);
  welcome();
  send("000000070000000000010001");
  EXPECT_EQ(receive(), "closed");
  EXPECT_EQ(finished().departure, Departure::reader_closed);
}

TEST_F(VscardLinkTest, AnswersAFrameThatComesInPieces) {
  HostilePhone phone(Hostility::garbage);
  come(phone, kLong, kLong);
  welcome();
  const std::string frame = std::string("0000000700000005") + "00000010" + kSelect;
  for (std::size_t at = 0; at < frame.size(); at += 2) send(frame.substr(at, 2));
  EXPECT_TRUE(receive().ends_with("9000"));
}

TEST_F(VscardLinkTest, SaysThatTheMachineRefusesTheReader) {
  HostilePhone phone(Hostility::garbage);
  come(phone, kLong, kLong);
  receive();
  send(kHello);
  receive();
  send(
      "000000020000000000000004"
      "00000002");
  EXPECT_EQ(refused(), Error(Errc::rejected, 2));
}

TEST_F(VscardLinkTest, SaysThatThePeerSpeaksSomethingElse) {
  HostilePhone phone(Hostility::garbage);
  come(phone, kLong, kLong);
  send(
      "000000010000000000000002"
      "5653");
  EXPECT_EQ(refused().code(), Errc::bad_reply);
}

TEST_F(VscardLinkTest, ListensToChatterForALimitedTimeOnly) {
  HostilePhone phone(Hostility::garbage);
  come(phone, kLong, kLong);
  for (int i = 0; i < 16; ++i) send("000000080000000000000000");
  EXPECT_EQ(refused().code(), Errc::bad_reply);
}

TEST_F(VscardLinkTest, DoesNotWaitForEverForAMachineThatIsSilent) {
  HostilePhone phone(Hostility::garbage);
  come(phone, kLong, kLong, kShort);
  EXPECT_EQ(refused().code(), Errc::deadline_exceeded);
}

TEST(VscardLink, ReportsAMachineThatIsNotThere) {
  const auto link = VscardLink::enter("/nonexistent/card", kShort);
  ASSERT_FALSE(link);
  EXPECT_EQ(link.error().code(), Errc::unreachable);
}

}  // namespace
}  // namespace passgate::sim::test
