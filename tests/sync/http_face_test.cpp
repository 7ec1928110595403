// SPDX-License-Identifier: Apache-2.0
#include "sync/service/http_face.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>

#include "runtime/unix_socket.h"
#include "sync/service/request_target.h"
#include "tests/sim/http_client.h"
#include "tests/sync/kit.h"

namespace passgate::sync::test {
namespace {

using runtime::FileDescriptor;
using sim::test::ask;

/// Answers with method, decoded path and body, so that a test sees what arrived.
HttpReply echo(const HttpAsk& ask) {
  HttpReply reply{.status = 200, .content_type = "text/plain", .headers = {}, .body = ask.method};
  for (const auto& segment : ask.path) reply.body += "|" + segment;
  for (const auto& [key, value] : ask.query) reply.body.append("?" + key).append("=" + value);
  reply.body += "#" + ask.body;
  return reply;
}

HttpFace face_on(std::vector<std::string> listen, HttpFace::Limits limits = {},
                 HttpFace::Handler handler = echo) {
  auto face = HttpFace::start({std::move(listen), std::nullopt, limits}, std::move(handler));
  EXPECT_TRUE(face) << face.error();
  return std::move(face.value());
}

struct HttpFaceTest : ::testing::Test {
  HttpFace face = face_on({"127.0.0.1:0"});

  std::string url(std::string_view path = "/") const {
    return fmt::format("http://127.0.0.1:{}{}", face.ports().at(0), path);
  }
};

/// A plain connection, for what no decent client does.
FileDescriptor connect_to(std::uint16_t port) {
  FileDescriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const timeval patience{60, 0};  // against a hang, not a measurement
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

void say(const FileDescriptor& fd, std::string_view text) {
  (void)::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
}

/// What comes until the peer hangs up; "hung" when it does not.
std::string hear_to_the_end(const FileDescriptor& fd) {
  std::string heard;
  char block[4096];
  while (true) {
    const auto count = ::recv(fd.get(), block, sizeof block, 0);
    if (count == 0 || (count < 0 && errno == ECONNRESET)) return heard;
    if (count < 0) return "hung";
    heard.append(block, static_cast<std::size_t>(count));
  }
}

std::string status_line(const std::string& answer) {
  return answer.substr(0, answer.find('\r'));
}

TEST_F(HttpFaceTest, HandsARequestOverWholeAndCutsItsPathBeforeDecodingIt) {
  EXPECT_EQ(ask("POST", url("/webhooks/a%2Fb+c/x%20y?q=1%262&r=a+b"), {"Expect:"}, "body").body,
            "POST|webhooks|a/b+c|x y?q=1&2?r=a b#body");
  const std::string large(std::size_t{256} << 10, 'x');
  EXPECT_EQ(ask("POST", url("/in"), {"Expect:"}, large).body, "POST|in#" + large);
}

TEST_F(HttpFaceTest, TakesTheAbsoluteForm) {
  const auto fd = connect_to(face.ports()[0]);
  say(fd,
      "GET http://api.example/v1/x?y=2 HTTP/1.1\r\nHost: api.example\r\nConnection: "
      "close\r\n\r\n");
  EXPECT_TRUE(hear_to_the_end(fd).ends_with("\r\n\r\nGET|v1|x?y=2#"));
}

TEST_F(HttpFaceTest, SaysByWhatNameItWasAskedAndWhetherFromThisMachine) {
  const TempDir dir;
  const auto path = dir.path() / "http.sock";
  face = face_on({"127.0.0.1:0", "[::1]:0", "unix:" + path.string()}, {}, [](const HttpAsk& ask) {
    return HttpReply{.status = 200,
                     .content_type = {},
                     .headers = {},
                     .body = ask.host + (ask.local ? " near" : " far")};
  });
  EXPECT_EQ(ask("GET", url(), {"Host: Gate.Example:8470"}).body, "gate.example near");
  EXPECT_EQ(ask("GET", fmt::format("http://[::1]:{}/", face.ports()[1])).body, "::1 near");
  EXPECT_EQ(ask("GET", url(), {"Host: a", "Via: 1.1 proxy"}).body, "a far");
  EXPECT_EQ(ask("GET", url(), {"Host: a", "Forwarded: for=127.0.0.1"}).body, "a far");
  const auto fd = runtime::connect_unix(path);
  ASSERT_TRUE(fd && ::fcntl(fd->get(), F_SETFL, 0) == 0);
  // What the target says goes before what the header says.
  say(*fd, "GET http://b.example:80/ HTTP/1.1\r\nHost: c\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(hear_to_the_end(*fd).ends_with("b.example near"));
  const auto two = connect_to(face.ports()[0]);
  say(two, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  EXPECT_EQ(status_line(hear_to_the_end(two)), "HTTP/1.1 400 Bad Request");
}

TEST_F(HttpFaceTest, WordsAnEarlyRefusalAsTheRouteItIsForWould) {
  HttpFace::Settings settings;
  settings.listen = {"127.0.0.1:0"};
  settings.limits.connections.body_time = Milliseconds{100};
  settings.refuse = [](const HttpAsk& ask, int status, std::string_view) {
    return HttpReply{.status = status,
                     .content_type = "text/plain",
                     .headers = {},
                     .body = fmt::format("{} no {}", ask.path.empty() ? "?" : ask.path[0], status)};
  };
  face = std::move(HttpFace::start(std::move(settings), echo).value());
  EXPECT_EQ(ask("POST", url("/in"), {"Expect:"}, std::string(300'000, 'x')).body, "in no 413");
  EXPECT_EQ(ask("GET", url("/a%zz")).body, "? no 400");
  const auto fd = connect_to(face.ports()[0]);
  say(fd, "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
  const auto late = hear_to_the_end(fd);
  EXPECT_EQ(status_line(late), "HTTP/1.1 408 Request Timeout");
  EXPECT_TRUE(late.ends_with("\r\n\r\nslow no 408")) << late;
}

TEST_F(HttpFaceTest, ServesASocketThatListensAlready) {
  FileDescriptor given(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::listen(given.get(), 8), 0);  // At any port, of every address.
  HttpFace::Settings beyond;
  beyond.sockets.push_back(FileDescriptor(::dup(given.get())));
  const auto refused = HttpFace::start(std::move(beyond), echo);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("tls_cert and tls_key"), std::string::npos) << refused.error();

  FileDescriptor near(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(near.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  HttpFace::Settings deaf;
  deaf.sockets.push_back(FileDescriptor(::dup(near.get())));
  EXPECT_FALSE(HttpFace::start(std::move(deaf), echo));
  ASSERT_EQ(::listen(near.get(), 8), 0);
  HttpFace::Settings settings;
  settings.sockets.push_back(std::move(near));
  face = std::move(HttpFace::start(std::move(settings), echo).value());
  EXPECT_EQ(ask("GET", url("/a")).body, "GET|a#");
}

TEST_F(HttpFaceTest, TellsWhoeverSendsTooMuchSo) {
  const auto refused = ask("POST", url(), {"Expect:"}, std::string(300'000, 'x'));
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(refused.headers.at("content-type"), "application/problem+json");
  EXPECT_EQ(ask("POST", url(), {"Expect:", "Transfer-Encoding: chunked"}, std::string(300'000, 'x'))
                .status,
            413);
  EXPECT_EQ(ask("POST", url(), {"Expect:"}, std::string((256 << 10) + 1, 'x')).status, 413);
  EXPECT_EQ(ask("POST", url(), {"Expect:"}, "small").status, 200);
}

TEST_F(HttpFaceTest, RefusesAGiganticBodyBeforeItComes) {
  for (const auto* length : {"1073741824", "99999999999999999999"}) {
    const auto one = connect_to(face.ports()[0]);
    say(one, fmt::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", length));
    EXPECT_EQ(status_line(hear_to_the_end(one)), "HTTP/1.1 413 Content Too Large") << length;
  }
}

TEST_F(HttpFaceTest, RefusesAnEndlessBodyWhileItComes) {
  const auto fd = connect_to(face.ports()[0]);
  say(fd, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (int i = 0; i < 40; ++i) say(fd, chunk);
  EXPECT_EQ(status_line(hear_to_the_end(fd)), "HTTP/1.1 413 Content Too Large");
}

TEST_F(HttpFaceTest, RefusesAHeadThatIsTooLarge) {
  const std::string large(100'000, 'x');
  EXPECT_EQ(ask("GET", url(), {"X-Large: " + large}).status, 431);
  EXPECT_EQ(ask("GET", url("/" + large)).status, 414);
}

TEST_F(HttpFaceTest, RefusesTargetsAndLengthsThatCanBeReadInTwoWays) {
  EXPECT_EQ(ask("GET", url("/a%zz")).status, 400);
  EXPECT_EQ(ask("GET", url("/a%00b")).status, 400);
  const auto fd = connect_to(face.ports()[0]);
  say(fd,
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: "
      "chunked\r\n\r\n0\r\n\r\n");
  EXPECT_EQ(status_line(hear_to_the_end(fd)), "HTTP/1.1 400 Bad Request");
}

TEST_F(HttpFaceTest, AnswersAThrowingHandlerWithoutItsWordsAndGoesOn) {
  std::atomic<bool> thrown = false;
  face = face_on({"127.0.0.1:0"}, {}, [&](const HttpAsk& ask) {
    if (!thrown.exchange(true)) throw std::runtime_error("a secret");
    return echo(ask);
  });
  const auto failed = ask("GET", url());
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(failed.body.find("a secret"), std::string::npos);
  EXPECT_EQ(ask("GET", url()).status, 200);
}

TEST_F(HttpFaceTest, Serves512ConnectionsTellsTheNextSoAndHangsUpOnTheRest) {
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < 2000) GTEST_SKIP() << "this machine allows too few open files";
  HttpFace::Limits limits;
  limits.silence_s = 60;
  limits.connections.head_time = std::chrono::seconds{60};
  face = face_on({"127.0.0.1:0"}, limits);
  std::vector<FileDescriptor> crowd;
  for (int i = 0; i < 700; ++i) crowd.push_back(connect_to(face.ports()[0]));
  // All stay connected while all ask; only then does anybody leave.
  for (const auto& fd : crowd) say(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  int served = 0, told = 0, hung_up = 0;
  for (const auto& fd : crowd) {
    char first[13] = {};
    const auto count = ::recv(fd.get(), first, 12, MSG_WAITALL);
    const std::string_view line(first, count > 0 ? static_cast<std::size_t>(count) : 0U);
    served += line == "HTTP/1.1 200";
    told += line == "HTTP/1.1 503";
    hung_up += line.empty() && (count == 0 || errno == ECONNRESET);
  }
  EXPECT_EQ(served, 512);
  EXPECT_EQ(told + hung_up, 188);
  EXPECT_GE(told, 128);
  crowd.clear();
  // Room again as soon as they have left; when that is seen is not ours to say.
  long status = 0;
  for (int i = 0; i < 1000 && status != 200; ++i) status = ask("GET", url()).status;
  EXPECT_EQ(status, 200);
}

TEST_F(HttpFaceTest, TellsAPeerWhoseBodyDoesNotComeInTime) {
  HttpFace::Limits limits;
  limits.connections.body_time = Milliseconds{100};
  face = face_on({"127.0.0.1:0"}, limits);
  const auto fd = connect_to(face.ports()[0]);
  say(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(status_line(hear_to_the_end(fd)), "HTTP/1.1 408 Request Timeout");
}

TEST_F(HttpFaceTest, EndsAHeadThatDripsThoughItIsNeverSilent) {
  HttpFace::Limits limits;
  limits.connections.head_time = Milliseconds{200};
  face = face_on({"127.0.0.1:0"}, limits);
  const auto fd = connect_to(face.ports()[0]);
  const timeval drop{0, 20'000};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &drop, sizeof drop);
  say(fd, "GET / HTTP/1.1\r\nX: ");
  char nothing = 0;
  int drops = 0;
  for (; drops < 2000; ++drops) {  // far below what the head may hold
    say(fd, "x");
    const auto count = ::recv(fd.get(), &nothing, 1, 0);
    if (count == 0 || (count < 0 && errno == ECONNRESET)) break;
  }
  EXPECT_LT(drops, 2000) << "still connected";
}

TEST_F(HttpFaceTest, HangsUpOnSilence) {
  HttpFace::Limits limits;
  limits.silence_s = 1;
  face = face_on({"127.0.0.1:0"}, limits);
  const auto mute = connect_to(face.ports()[0]);
  EXPECT_EQ(hear_to_the_end(mute), "");
}

TEST_F(HttpFaceTest, StopsThoughPeersAreConnectedAndInTheMiddle) {
  const auto idle = connect_to(face.ports()[0]);
  const auto half = connect_to(face.ports()[0]);
  say(half, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
  const auto port = face.ports()[0];
  EXPECT_EQ(ask("GET", url()).status, 200);  // both are in by now
  {
    const HttpFace gone = std::move(face);
  }
  EXPECT_NE(hear_to_the_end(idle), "hung");
  EXPECT_NE(hear_to_the_end(half), "hung");
  face = face_on({fmt::format("127.0.0.1:{}", port)});  // at once, on the same port
  EXPECT_EQ(ask("GET", url()).status, 200);
}

TEST_F(HttpFaceTest, ListensAtSeveralAddressesOfEveryKind) {
  const TempDir dir;
  const auto path = dir.path() / "http.sock";
  face = face_on({"127.0.0.1:0", "[::1]:0", "unix:" + path.string()});
  EXPECT_EQ(ask("GET", url("/a")).body, "GET|a#");
  EXPECT_EQ(ask("GET", fmt::format("http://[::1]:{}/b", face.ports()[1])).body, "GET|b#");
  EXPECT_EQ(face.ports()[2], 0);
  struct stat found{};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0660U);
  const auto fd = runtime::connect_unix(path);
  ASSERT_TRUE(fd);
  ASSERT_EQ(::fcntl(fd->get(), F_SETFL, 0), 0);
  say(*fd, "GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(hear_to_the_end(*fd).ends_with("GET|c#"));
  face = face_on({"127.0.0.1:0"});
  EXPECT_FALSE(std::filesystem::exists(path));
}

std::string refusal_of(std::vector<std::string> listen) {
  auto face = HttpFace::start({std::move(listen), std::nullopt, {}}, echo);
  return face ? "" : face.error();
}

TEST_F(HttpFaceTest, DoesNotLeaveThisMachineWithoutTls) {
  for (const auto* address : {"0.0.0.0:0", "10.0.0.1:0", "[::]:0", "[::ffff:127.0.0.1]:0"}) {
    EXPECT_NE(refusal_of({address}).find("tls_cert and tls_key"), std::string::npos) << address;
  }
}

TEST_F(HttpFaceTest, SaysWhyItCannotListen) {
  for (const auto* address : {"", "8470", "localhost:8470", "127.0.0.1:", "127.0.0.1:x",
                              "127.0.0.1:70000", "::1:80", "[::1]", "unix:relative"}) {
    EXPECT_NE(refusal_of({address}), "") << address;
  }
  EXPECT_NE(refusal_of({}), "");
  EXPECT_NE(refusal_of({fmt::format("127.0.0.1:{}", face.ports()[0])}).find("in use"),
            std::string::npos);
}

TEST(RequestTarget, IsCutBeforeItIsDecoded) {
  const auto path = [](std::string_view raw) {
    HttpAsk ask;
    EXPECT_TRUE(read_target(raw, ask)) << raw;
    return ask.path;
  };
  using Path = std::vector<std::string>;
  EXPECT_EQ(path("/"), Path{});
  EXPECT_EQ(path("/a%2Fb/%2e%2e"), (Path{"a/b", ".."}));
  EXPECT_EQ(path("/a//b/"), (Path{"a", "", "b", ""}));
  EXPECT_EQ(path("HTTPS://host:1/a?b"), (Path{"a"}));
  EXPECT_EQ(path("http://host"), Path{});
  EXPECT_EQ(path("http://host?x=/y"), Path{});
}

TEST(RequestTarget, RefusesWhatIsBrokenOrBoundless) {
  std::string deep, wide = "/?";
  for (int i = 0; i < 33; ++i) deep += "/a";
  for (int i = 0; i < 65; ++i) wide += "a&";
  for (const auto& raw :
       {std::string{}, std::string("*"), std::string("a/b"), std::string("/%"), std::string("/%4"),
        std::string("/%zz"), std::string("/a?x=%f"), std::string("/%00"), std::string("/a#b"),
        std::string("/a b"), std::string("/a\0b", 4), std::string("/a\tb"),
        std::string("http:///a"), std::string("ftp://host/a"), deep, wide}) {
    HttpAsk ask;
    EXPECT_FALSE(read_target(raw, ask)) << raw;
  }
}

}  // namespace
}  // namespace passgate::sync::test
