// SPDX-License-Identifier: Apache-2.0
#include "runtime/socket_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "runtime/unix_socket.h"
#include "tests/runtime/socket_fixture.h"

namespace passgate::runtime {
namespace {

void send_raw(const FileDescriptor& fd, ByteView bytes) {
  ASSERT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

/// Reads until the peer closes; the messages that came.
std::vector<Message> read_to_end(const FileDescriptor& fd) {
  FrameReader reader;
  std::vector<Message> messages;
  for (;;) {
    pollfd one{fd.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&one, 1, static_cast<int>(kPlenty.count())), 1) << "never closed";
    std::array<std::uint8_t, 4096> chunk;
    const ssize_t got = ::recv(fd.get(), chunk.data(), chunk.size(), 0);
    if (got <= 0) return messages;
    reader.feed({chunk.data(), static_cast<std::size_t>(got)});
    while (auto message = reader.next().value()) messages.push_back(std::move(*message));
  }
}

using SocketServerTest = Served;

TEST_F(SocketServerTest, AnswersOnTheConnectionAndKnowsWhichSocketItIs) {
  start();
  auto a = connect("a.sock");
  auto b = connect("b.sock");
  EXPECT_EQ(b.ask({{"type", "echo"}, {"n", 2}}, kPlenty).value(),
            (Message{{"type", "echo"}, {"listener", 1}, {"n", 2}}));
  EXPECT_EQ(a.ask({{"type", "echo"}, {"n", 1}}, kPlenty).value(),
            (Message{{"type", "echo"}, {"listener", 0}, {"n", 1}}));
}

TEST_F(SocketServerTest, AnswersManyPipelinedRequestsInOrder) {
  start();
  auto client = connect();
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(client.send({{"type", "echo"}, {"n", i}}, soon()));
  for (int i = 0; i < 500; ++i) ASSERT_EQ(client.receive(soon()).value().at("n"), i);
}

TEST_F(SocketServerTest, OpensItsSocketsToTheGroupAndNobodyElse) {
  const mode_t before = ::umask(0077);
  start();
  ::umask(before);
  struct stat found{};
  ASSERT_EQ(::stat((dir_ / "a.sock").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0660U);
}

TEST_F(SocketServerTest, ReplacesASocketThatNobodyServesAnyMore) {
  {
    auto crashed = SocketServer::bind({dir_ / "old.sock"}, {}).value();
    // What a killed process leaves: a second name keeps the socket's inode.
    std::filesystem::create_hard_link(dir_ / "old.sock", dir_ / "a.sock");
  }
  ASSERT_TRUE(std::filesystem::is_socket(dir_ / "a.sock"));
  start();
  EXPECT_TRUE(connect().ask({{"type", "echo"}}, kPlenty));
}

TEST_F(SocketServerTest, RefusesASocketThatSomebodyServesAndLeavesItAlone) {
  start();
  EXPECT_EQ(SocketServer::bind({dir_ / "a.sock"}, {}).error(),
            Error(Errc::unreachable, EADDRINUSE));
  EXPECT_TRUE(connect().ask({{"type", "echo"}}, kPlenty));
}

TEST_F(SocketServerTest, RefusesANameThatIsNoSocketAndKeepsTheFile) {
  dir_.write("file", "precious");
  EXPECT_EQ(SocketServer::bind({dir_ / "file"}, {}).error(), Error(Errc::unreachable, ENOTSOCK));
  EXPECT_EQ(std::filesystem::file_size(dir_ / "file"), 8U);
}

TEST_F(SocketServerTest, RefusesAPathThatNoSocketAddressHolds) {
  EXPECT_EQ(SocketServer::bind({dir_ / std::string(108, 'x')}, {}).error(),
            Error(Errc::unreachable, ENAMETOOLONG));
}

TEST_F(SocketServerTest, TakesItsNamesAwayWhenItEndsButNoOneElses) {
  {
    auto server = SocketServer::bind({dir_ / "a.sock", dir_ / "b.sock"}, {}).value();
    std::filesystem::remove(dir_ / "b.sock");
    dir_.write("b.sock", "somebody else's");
  }
  EXPECT_FALSE(std::filesystem::exists(dir_ / "a.sock"));
  EXPECT_TRUE(std::filesystem::exists(dir_ / "b.sock"));
}

TEST_F(SocketServerTest, TellsAClientThatSendsGarbageAndClosesIt) {
  start();
  const struct {
    std::string hex;
    std::string error;
  } cases[] = {{"00000003017b7d", "bad_value"},  // {} has no type
               {"0000000402", "bad_version"},
               {"ffffffff", "too_large"},
               {"00000000", "bad_value"}};
  auto bystander = accepted();
  for (const auto& [hex, error] : cases) {
    const auto fd = connect_unix(dir_ / "a.sock").value();
    send_raw(fd, from_hex(hex).value());
    EXPECT_EQ(read_to_end(fd), (std::vector<Message>{{{"type", "error"}, {"error", error}}}));
    EXPECT_TRUE(service_.closed.try_acquire_for(kPlenty));
  }
  EXPECT_TRUE(bystander.ask({{"type", "echo"}}, kPlenty));
}

TEST_F(SocketServerTest, ClosesTheClientBeyondItsLimitAndTakesTheNextWhenOneLeft) {
  start({.max_clients = 2});
  auto first = accepted();
  {
    auto second = accepted();
    auto third = connect();
    EXPECT_EQ(third.receive(soon()).error().code(), Errc::unreachable);
  }
  ASSERT_TRUE(service_.closed.try_acquire_for(kPlenty));
  EXPECT_TRUE(connect().ask({{"type", "echo"}}, kPlenty));
  EXPECT_TRUE(first.ask({{"type", "echo"}}, kPlenty));
}

TEST_F(SocketServerTest, DropsAClientThatDoesNotReadAndServesTheOthers) {
  start({.max_backlog = 256 * 1024});
  auto deaf = connect();
  ASSERT_TRUE(deaf.send({{"type", "flood"}}, soon()));
  EXPECT_TRUE(service_.closed.try_acquire_for(kPlenty));
  EXPECT_TRUE(connect().ask({{"type", "echo"}}, kPlenty));
}

TEST_F(SocketServerTest, StreamsMoreThanItsBacklogWhenTheOwnerWaitsForRoom) {
  start({.max_backlog = 64 * 1024});
  auto client = connect();
  ASSERT_TRUE(client.send({{"type", "stream"}, {"n", 300}}, soon()));
  for (int i = 0; i < 300; ++i) ASSERT_EQ(client.receive(soon()).value().at("n"), i);
}

TEST_F(SocketServerTest, ClosesAfterWhatWasQueuedWentOut) {
  start();
  const auto fd = connect_unix(dir_ / "a.sock").value();
  send_raw(fd, encode_frame({{"type", "bye"}}).value());
  EXPECT_EQ(read_to_end(fd), (std::vector<Message>{{{"type", "bye"}}}));
}

TEST_F(SocketServerTest, AnswersAPeerThatClosedItsOwnHalfInFull) {
  start({.max_backlog = std::size_t{16} * 1024 * 1024});
  const auto fd = connect_unix(dir_ / "a.sock").value();
  send_raw(fd, encode_frame({{"type", "flood"}}).value());
  ASSERT_EQ(::shutdown(fd.get(), SHUT_WR), 0);
  EXPECT_EQ(read_to_end(fd).size(), 100U);
}

TEST_F(SocketServerTest, OutlivesARequestWhoseMembersAreNotWhatItsOwnerExpects) {
  start();
  auto client = connect();
  const Message refused = {{"type", "error"}, {"error", "bad_value"}};
  EXPECT_EQ(client.ask({{"type", "stream"}}, kPlenty).value(), refused);
  EXPECT_EQ(client.ask({{"type", "stream"}, {"n", "many"}}, kPlenty).value(), refused);
  EXPECT_TRUE(client.ask({{"type", "echo"}}, kPlenty));
}

TEST_F(SocketServerTest, SaysThatAnAnswerIsTooLargeToBeSent) {
  start();
  EXPECT_EQ(connect().ask({{"type", "huge"}}, kPlenty).value(),
            (Message{{"type", "error"}, {"error", "too_large"}}));
}

TEST_F(SocketServerTest, WakesItsOwnerFromAnyThread) {
  start();
  auto watcher = connect();
  ASSERT_TRUE(watcher.ask({{"type", "watch"}}, kPlenty));
  server_->wake();
  EXPECT_EQ(watcher.receive(soon()).value(), (Message{{"type", "woken"}}));
  std::thread other([this] { server_->wake(); });
  EXPECT_EQ(watcher.receive(soon()).value(), (Message{{"type", "woken"}}));
  other.join();
}

TEST_F(SocketServerTest, LosesNoWakeThatComesBeforeItRuns) {
  auto server = SocketServer::bind({dir_ / "a.sock"}, {}).value();
  server->wake();
  std::thread thread([&] { server->run(service_); });
  EXPECT_TRUE(service_.woken.try_acquire_for(kPlenty));
  server->stop();
  thread.join();
}

TEST_F(SocketServerTest, EndsAtOnceWhenItWasStoppedBeforeItRan) {
  auto server = SocketServer::bind({dir_ / "a.sock"}, {}).value();
  server->stop();
  server->run(service_);
}

TEST_F(SocketServerTest, ClosesEveryClientWhenItStops) {
  start();
  auto one = accepted();
  auto two = accepted();
  stop();
  EXPECT_TRUE(service_.closed.try_acquire());
  EXPECT_TRUE(service_.closed.try_acquire());
  EXPECT_EQ(one.receive(soon()).error().code(), Errc::unreachable);
}

TEST_F(SocketServerTest, ShowsThatItsLoopGoesRound) {
  start();
  const MonoTime before = server_->last_beat();
  EXPECT_TRUE(connect().ask({{"type", "echo"}}, kPlenty));
  EXPECT_GT(server_->last_beat(), before);
}

}  // namespace
}  // namespace passgate::runtime
