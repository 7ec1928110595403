// SPDX-License-Identifier: Apache-2.0
// Answers without an end, and handlers that make others wait, on real connections.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <latch>
#include <mutex>
#include <thread>
#include <utility>

#include "sync/service/http_face.h"
#include "tests/sim/http_client.h"
#include "tests/sync/kit.h"
#include "tests/sync/raw_peer.h"

namespace passgate::sync::test {
namespace {

using sim::test::ask;

/// What a stream is to say, from the test's side.
class Source {
 public:
  void say(std::string text) {
    change([&] { said_.push_back(std::move(text)); });
  }
  void end() {
    change([&] { ended_ = true; });
  }
  void wake() {
    change([] {});
  }
  /// Until its stream was asked so often. False after 20 s.
  bool wait_for_takes(std::size_t count) {
    return wait([&] { return takes_ >= count; });
  }
  bool wait_until_gone() {
    return wait([&] { return gone_; });
  }
  std::size_t takes() {
    const std::lock_guard lock(mutex_);
    return takes_;
  }
  bool began() {
    const std::lock_guard lock(mutex_);
    return wake_ != nullptr;
  }
  /// Says this for ever.
  std::string endless;
  /// Called once, after a look that found nothing and before that is known.
  std::function<void()> between;

 private:
  friend class SourceStream;
  template <class F>
  void change(F&& how) {
    std::function<void()> wake;
    {
      const std::lock_guard lock(mutex_);
      how();
      wake = wake_;
    }
    if (wake) wake();
  }
  template <class F>
  bool wait(F&& condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), condition);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> said_;
  std::function<void()> wake_;
  std::size_t takes_ = 0;
  bool ended_ = false;
  bool gone_ = false;
};

class SourceStream final : public ReplyStream {
 public:
  explicit SourceStream(Source& source) : source_(source) {}
  ~SourceStream() override {
    const std::lock_guard lock(source_.mutex_);
    source_.gone_ = true;
    source_.changed_.notify_all();
  }
  void start(std::function<void()> wake) override {
    const std::lock_guard lock(source_.mutex_);
    source_.wake_ = std::move(wake);
  }
  std::string take() override {
    std::unique_lock lock(source_.mutex_);
    ++source_.takes_;
    source_.changed_.notify_all();
    if (!source_.endless.empty()) return source_.endless;
    if (source_.said_.empty()) {
      const auto between = std::exchange(source_.between, nullptr);
      lock.unlock();
      if (between) between();
      return {};
    }
    auto text = std::move(source_.said_.front());
    source_.said_.pop_front();
    return text;
  }
  bool ended() const override {
    const std::lock_guard lock(source_.mutex_);
    return source_.ended_ && source_.said_.empty();
  }

 private:
  Source& source_;
};

/// GET /N is what the Nth source says; anything else a plain "here".
struct HttpStreamTest : ::testing::Test {
  std::deque<Source> sources{80};
  HttpFace::Limits limits;
  std::optional<HttpFace> face;

  void serve() {
    auto started = HttpFace::start({{"127.0.0.1:0"}, std::nullopt, limits},
                                   [this](const HttpAsk& ask) { return answer(ask); });
    ASSERT_TRUE(started) << started.error();
    face.emplace(std::move(*started));
  }
  HttpReply answer(const HttpAsk& ask) {
    if (ask.path.empty()) {
      return {.status = 200, .content_type = "text/plain", .headers = {}, .body = "here"};
    }
    return {.status = 200,
            .content_type = "text/event-stream",
            .headers = {},
            .body = {},
            .stream = std::make_unique<SourceStream>(sources.at(std::stoul(ask.path[0])))};
  }
  std::uint16_t port() const { return face->ports().at(0); }
  std::string url(std::string_view path = "/") const {
    return fmt::format("http://127.0.0.1:{}{}", port(), path);
  }
  RawPeer listener(std::size_t source) const {
    RawPeer peer(port());
    peer.say(fmt::format("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", source));
    return peer;
  }
};

TEST_F(HttpStreamTest, SaysWhatComesWhenItComesAndEnds) {
  serve();
  auto peer = listener(0);
  ASSERT_TRUE(sources[0].wait_for_takes(1));
  sources[0].say("first");
  EXPECT_TRUE(peer.hear_until("first")) << peer.heard();
  EXPECT_TRUE(peer.heard().starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(peer.heard().contains("Content-Type: text/event-stream\r\n"));
  const std::string large(300'000, 'x');  // More than goes out at once.
  sources[0].say(large + "!");
  EXPECT_TRUE(peer.hear_until("x!"));
  sources[0].end();
  EXPECT_TRUE(peer.hear_until("\r\n0\r\n\r\n"));
  ASSERT_TRUE(sources[0].wait_until_gone());
  EXPECT_EQ(face->streams(), 0U);
  peer.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");  // The connection stays.
  EXPECT_TRUE(peer.hear_until("here"));
}

TEST_F(HttpStreamTest, LosesNoWakeHoweverOftenAndFromWhereverItComes) {
  constexpr std::size_t kStreams = 12;
  constexpr int kWords = 3000;
  serve();
  std::vector<std::string> heard(kStreams);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kStreams; ++i) {
    threads.emplace_back([&, i] { heard[i] = ask("GET", url(fmt::format("/{}", i))).body; });
    threads.emplace_back([&, i] {
      for (int word = 0; word < kWords; ++word) sources[i].say(fmt::format("{} ", word));
      sources[i].end();
    });
    threads.emplace_back([&, i] {
      for (int n = 0; n < kWords; ++n) sources[i].wake();
    });
  }
  for (auto& thread : threads) thread.join();
  std::string all;
  for (int word = 0; word < kWords; ++word) all += fmt::format("{} ", word);
  for (std::size_t i = 0; i < kStreams; ++i) EXPECT_EQ(heard[i], all) << i;
}

TEST_F(HttpStreamTest, LosesNoWakeThatComesBetweenALookAndTheSleepAfterIt) {
  serve();
  sources[0].between = [this] { sources[0].say("in between"); };
  auto peer = listener(0);
  EXPECT_TRUE(peer.hear_until("in between"));
}

TEST_F(HttpStreamTest, DoesNotBeginForHead) {
  serve();
  RawPeer peer(port());
  peer.say("HEAD /0 HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(peer.hear_until("here"));
  EXPECT_TRUE(peer.heard().contains("text/event-stream"));
  EXPECT_FALSE(sources[0].began());
  EXPECT_TRUE(sources[0].wait_until_gone());
}

TEST_F(HttpStreamTest, SendsSixtyFourAtOnceAndTellsTheNextSo) {
  serve();
  std::deque<RawPeer> peers;
  for (std::size_t i = 0; i < 64; ++i) {
    peers.push_back(listener(i));
    ASSERT_TRUE(sources[i].wait_for_takes(1));
  }
  EXPECT_EQ(face->streams(), 64U);
  EXPECT_EQ(ask("GET", url("/64")).status, 503);
  EXPECT_EQ(ask("GET", url()).body, "here");
  sources[7].end();
  ASSERT_TRUE(sources[7].wait_until_gone());
  auto next = listener(65);
  EXPECT_TRUE(sources[65].wait_for_takes(1));
}

TEST_F(HttpStreamTest, StopsWhileStreamsSleepAndAWakeThatComesLateDoesNothing) {
  serve();
  auto first = listener(0);
  auto second = listener(1);
  ASSERT_TRUE(sources[0].wait_for_takes(1));
  ASSERT_TRUE(sources[1].wait_for_takes(1));
  std::atomic<bool> stopped{false};
  std::thread waker([&] {
    while (!stopped) sources[0].wake();
  });
  face.reset();
  sources[1].wake();
  stopped = true;
  waker.join();
  EXPECT_NE(first.hear_to_the_end(), "hung");
  EXPECT_NE(second.hear_to_the_end(), "hung");
  EXPECT_TRUE(sources[0].wait_until_gone() && sources[1].wait_until_gone());
}

TEST_F(HttpStreamTest, NoticesAtTheNextWordThatAPeerHasLeft) {
  serve();
  {
    auto peer = listener(0);
    sources[0].say("hello");
    ASSERT_TRUE(peer.hear_until("hello"));
  }
  // The first may still go into the void; the answer to it says that nobody is there.
  for (int i = 0; i < 100'000 && face->streams() > 0; ++i) sources[0].say("anybody?");
  EXPECT_TRUE(sources[0].wait_until_gone());
}

TEST_F(HttpStreamTest, CutsOffWhoeverDoesNotReadWithoutKeepingMuchForHim) {
  limits.silence_s = 1;
  serve();
  sources[0].endless = std::string(4096, 'x');
  auto deaf = listener(0);
  auto other = listener(1);
  sources[1].say("hello");
  EXPECT_TRUE(other.hear_until("hello"));
  ASSERT_TRUE(sources[0].wait_until_gone());
  EXPECT_LT(sources[0].takes() * sources[0].endless.size(), std::size_t{16} << 20);
  sources[1].say("still there");
  EXPECT_TRUE(other.hear_until("still there"));
}

TEST_F(HttpStreamTest, LetsNobodyWhoComesLaterWaitForAnotherOnesHandler) {
  std::latch inside{1}, done{1};
  auto started = HttpFace::start({{"127.0.0.1:0"}, std::nullopt, limits}, [&](const HttpAsk& ask) {
    if (ask.path.empty()) return answer(ask);
    inside.count_down();
    done.wait();
    return answer({});
  });
  ASSERT_TRUE(started) << started.error();
  face.emplace(std::move(*started));
  std::thread slow([&] { EXPECT_EQ(ask("GET", url("/slow")).status, 200); });
  inside.wait();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask("GET", url()).body, "here");
  done.count_down();
  slow.join();
}

TEST_F(HttpStreamTest, GivesEveryThreadItsShareOfTheConnections) {
  std::mutex mutex;
  std::condition_variable arrived;
  unsigned inside = 0;
  bool met = true;
  bool waits = false;
  auto started = HttpFace::start({{"127.0.0.1:0"}, std::nullopt, limits}, [&](const HttpAsk& ask) {
    std::unique_lock lock(mutex);
    if (waits) {
      ++inside;
      arrived.notify_all();
      met &= arrived.wait_for(lock, std::chrono::seconds(20),
                              [&] { return inside == limits.threads; });
    }
    return answer(ask);
  });
  ASSERT_TRUE(started) << started.error();
  face.emplace(std::move(*started));
  const std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  std::deque<RawPeer> peers;
  for (unsigned i = 0; i < limits.threads; ++i) {
    auto& peer = peers.emplace_back(face->ports().at(0));
    peer.say(request);
    ASSERT_TRUE(peer.take_until("here"));
  }
  {
    const std::lock_guard lock(mutex);
    waits = true;
  }
  for (auto& peer : peers) peer.say(request);
  for (auto& peer : peers) EXPECT_TRUE(peer.take_until("here"));
  EXPECT_TRUE(met) << "two of them share a thread";
}

}  // namespace
}  // namespace passgate::sync::test
