// SPDX-License-Identifier: Apache-2.0
#include "runtime/socket_client.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/unix_socket.h"
#include "tests/runtime/socket_fixture.h"

namespace passgate::runtime {
namespace {

MonoTime past() {
  return std::chrono::steady_clock::now();
}

/// A peer under the test's own hand: it sends and reads what it is told to.
class Peer {
 public:
  explicit Peer(const std::filesystem::path& path) : listener_(UnixListener::bind(path).value()) {}
  void accept() { fd_ = FileDescriptor(::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC)); }
  bool send(ByteView bytes) const {
    return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  void hang_up() { fd_ = FileDescriptor(); }

 private:
  UnixListener listener_;
  FileDescriptor fd_;
};

class SocketClientTest : public testing::Test {
 protected:
  SocketClientTest() { peer_.accept(); }

  test::TempFolder dir_;
  Peer peer_{dir_ / "peer.sock"};
  SocketClient client_ = SocketClient::connect(dir_ / "peer.sock").value();
};

Bytes frame(const Message& message) {
  return encode_frame(message).value();
}

TEST(SocketConnect, SaysWhyThereIsNobody) {
  const test::TempFolder dir;
  EXPECT_EQ(SocketClient::connect(dir / "none.sock").error(), Error(Errc::unreachable, ENOENT));
  EXPECT_EQ(SocketClient::connect(dir / std::string(200, 'x')).error(),
            Error(Errc::unreachable, ENAMETOOLONG));
}

TEST_F(SocketClientTest, IsUsableAfterADeadlinePassedInSilence) {
  EXPECT_EQ(client_.receive(past()).error().code(), Errc::deadline_exceeded);
  peer_.send(frame({{"type", "late"}}));
  EXPECT_EQ(client_.receive(soon()).value(), (Message{{"type", "late"}}));
}

TEST_F(SocketClientTest, DeliversAtTheDeadlineWhatAlreadyArrived) {
  peer_.send(frame({{"type", "a"}}));
  EXPECT_EQ(client_.receive(past()).value(), (Message{{"type", "a"}}));
}

TEST_F(SocketClientTest, KeepsTheMessagesThatCameTogether) {
  Bytes both = frame({{"type", "a"}});
  append(both, frame({{"type", "b"}}));
  peer_.send(both);
  EXPECT_EQ(client_.receive(soon()).value().at("type"), "a");
  EXPECT_EQ(client_.receive(past()).value().at("type"), "b");
}

TEST_F(SocketClientTest, GetsTheLastMessageBeforeItHearsThatThePeerIsGone) {
  peer_.send(frame({{"type", "last"}}));
  peer_.hang_up();
  EXPECT_EQ(client_.receive(soon()).value().at("type"), "last");
  EXPECT_EQ(client_.receive(soon()).error().code(), Errc::unreachable);
  EXPECT_EQ(client_.send({{"type", "x"}}, soon()).error(), Error(Errc::unreachable, EPIPE));
}

TEST_F(SocketClientTest, StopsWhenItIsWokenEvenWhileMessagesWait) {
  Bytes both = frame({{"type", "a"}});
  append(both, frame({{"type", "b"}}));
  peer_.send(both);
  ASSERT_TRUE(client_.receive(soon()));  // "b" came with it and waits.
  const FileDescriptor wake(::eventfd(1, EFD_CLOEXEC));
  EXPECT_EQ(client_.receive(soon(), wake.get()).error().code(), Errc::stopped);
  EXPECT_EQ(client_.receive(soon()).value().at("type"), "b");
}

TEST_F(SocketClientTest, IsWokenOutOfAWait) {
  const FileDescriptor wake(::eventfd(0, EFD_CLOEXEC));
  std::thread other([&] {
    const std::uint64_t one = 1;
    EXPECT_EQ(::write(wake.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
  });
  EXPECT_EQ(client_.receive(soon(), wake.get()).error().code(), Errc::stopped);
  other.join();
}

TEST_F(SocketClientTest, ReportsAPeerThatSendsNonsense) {
  peer_.send(from_hex("ffffffff").value());
  EXPECT_EQ(client_.receive(soon()).error().code(), Errc::too_large);
}

TEST_F(SocketClientTest, RefusesToSendWhatNoPeerWouldTake) {
  EXPECT_EQ(client_.send({{"type", std::string(kMaxFrame, 'x')}}, soon()).error().code(),
            Errc::too_large);
}

TEST_F(SocketClientTest, GivesUpAPeerThatDoesNotReadAndNeverContinuesHalfAMessage) {
  const Message large = {{"type", std::string(kMaxFrame - 100, 'x')}};
  EXPECT_EQ(client_.send(large, past()).error().code(), Errc::deadline_exceeded);
  EXPECT_EQ(client_.send({{"type", "next"}}, soon()).error(), Error(Errc::unreachable, ENOTCONN));
}

TEST_F(SocketClientTest, DoesNotTakeALateAnswerForTheNextOne) {
  EXPECT_EQ(client_.ask({{"type", "status"}}, Milliseconds(0)).error().code(),
            Errc::deadline_exceeded);
  peer_.send(frame({{"type", "late"}}));
  EXPECT_EQ(client_.ask({{"type", "status"}}, kPlenty).error().code(), Errc::unreachable);
}

TEST_F(SocketClientTest, IsNotHeldPastItsDeadlineByAPeerThatKeepsSending) {
  const Message large = {{"type", std::string(150'000, 'x')}};  // More than one read takes.
  ASSERT_TRUE(peer_.send(frame(large)));
  EXPECT_EQ(client_.receive(past()).error().code(), Errc::deadline_exceeded);
  EXPECT_EQ(client_.receive(soon()).value(), large) << "nothing of it was lost";
}

}  // namespace
}  // namespace passgate::runtime
