// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "cli/doctor/checks.h"
#include "crypto/certificate.h"
#include "runtime/listen_rule.h"
#include "runtime/unix_socket.h"

namespace passgate::cli::doctor {
namespace {

constexpr const char* kCertificate = "HTTP certificate";
constexpr const char* kRestart = "sudo systemctl restart passgate-syncd";
constexpr int kPatienceMs = 2000;
constexpr std::chrono::days kSoon{14};
constexpr std::size_t kLargestFile = std::size_t{64} * 1024;

/// Where to knock: a service that listens everywhere listens on loopback.
std::optional<::sockaddr_storage> socket_address(const std::string& listen, ::socklen_t& size) {
  const auto place = runtime::tcp_place(listen);
  if (!place) return std::nullopt;
  ::sockaddr_storage storage{};
  ::in_addr v4{};
  ::in6_addr v6{};
  if (::inet_pton(AF_INET, place->host.c_str(), &v4) == 1) {
    if (v4.s_addr == htonl(INADDR_ANY)) v4.s_addr = htonl(INADDR_LOOPBACK);
    auto& address = reinterpret_cast<::sockaddr_in&>(storage);
    address.sin_family = AF_INET;
    address.sin_port = htons(place->port);
    address.sin_addr = v4;
    size = sizeof address;
    return storage;
  }
  if (::inet_pton(AF_INET6, place->host.c_str(), &v6) != 1) return std::nullopt;
  auto& address = reinterpret_cast<::sockaddr_in6&>(storage);
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(place->port);
  address.sin6_addr = IN6_IS_ADDR_UNSPECIFIED(&v6) ? in6addr_loopback : v6;
  size = sizeof address;
  return storage;
}

/// 0: somebody accepted; else errno.
int knock_tcp(const std::string& listen) {
  ::socklen_t size = 0;
  const auto address = socket_address(listen, size);
  if (!address) return EINVAL;
  const runtime::FileDescriptor fd(
      ::socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return errno;
  if (::connect(fd.get(), reinterpret_cast<const ::sockaddr*>(&*address), size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  ::pollfd waiting{fd.get(), POLLOUT, 0};
  if (::poll(&waiting, 1, kPatienceMs) <= 0) return ETIMEDOUT;
  int outcome = 0;
  ::socklen_t length = sizeof outcome;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &outcome, &length);
  return outcome;
}

int knock(const std::string& listen) {
  if (!listen.starts_with("unix:")) return knock_tcp(listen);
  const auto connected = runtime::connect_unix(listen.substr(5));
  return connected ? 0 : connected.error().detail();
}

Finding judge_listening(const Subject& subject, const std::string& listen) {
  const auto what = "HTTP " + listen;
  const int why = knock(listen);
  if (why == 0) return good(what, "listens");
  if (why == EACCES && !subject.is_root) {
    return unseen(what, "its socket is not for this user", again_as_root(subject));
  }
  return broken(what, "nobody answers: " + std::generic_category().message(why), kRestart);
}

/// Nothing of our own to listen at: passgate-syncd does not start without systemd's.
Finding judge_given(const Subject& subject) {
  if (subject.sync) return good("HTTP", "listens at what systemd gives it");
  return unseen("HTTP", "passgate-syncd, which listens at what systemd gives it, does not run",
                "systemctl status passgate-http.socket");
}

Finding judge_certificate(const Subject& subject, const std::filesystem::path& path) {
  const auto put = fmt::format("{}  # once a new one is in {}", kRestart, path.string());
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int why = errno;
    if (why == EACCES && !subject.is_root) {
      return unseen(kCertificate, path.string() + " is not for this user", again_as_root(subject));
    }
    return broken(kCertificate,
                  fmt::format("{}: {}", path.string(), std::generic_category().message(why)), put);
  }
  std::string text(kLargestFile, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  const auto certificate = crypto::read_certificate(bytes_of(text));
  if (!certificate) return broken(kCertificate, path.string() + " holds none", put);
  if (subject.now < certificate->not_before) {
    return broken(kCertificate, "not valid before " + to_rfc3339(certificate->not_before), put);
  }
  if (subject.now > certificate->not_after) {
    return broken(kCertificate, "expired at " + to_rfc3339(certificate->not_after), put);
  }
  const auto left = std::chrono::floor<std::chrono::days>(certificate->not_after - subject.now);
  const auto detail =
      fmt::format("{} days left, until {}", left.count(), to_rfc3339(certificate->not_after));
  return left < kSoon ? worry(kCertificate, detail, put) : good(kCertificate, detail);
}

}  // namespace

Findings check_http(const Subject& subject) {
  if (!subject.config.http) return {};
  Findings found;
  if (subject.config.http->listen.empty()) found.push_back(judge_given(subject));
  for (const std::string& listen : subject.config.http->listen) {
    found.push_back(judge_listening(subject, listen));
  }
  if (const auto& certificate = subject.config.http->tls_cert) {
    found.push_back(judge_certificate(subject, *certificate));
  }
  return found;
}

}  // namespace passgate::cli::doctor
