// SPDX-License-Identifier: Apache-2.0
#include "sim/reader/pcscd_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace passgate::sim {
namespace {

/// Where sd_listen_fds(3) looks.
constexpr int kListenDescriptor = 3;
/// The daemon makes its folder itself when it may; it refuses to run without.
constexpr const char* kPcscdFolder = "/run/pcscd";

std::unexpected<Error> system_failure() {
  return fail(Errc::unreachable, errno);
}

Result<Descriptor> listening_socket(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& name = path.native();
  if (name.size() >= sizeof address.sun_path) return fail(Errc::unreachable, ENAMETOOLONG);
  std::memcpy(address.sun_path, name.data(), name.size());
  ::unlink(name.c_str());  // of an earlier pcscd
  Descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!made.valid() ||
      ::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(made.get(), 64) != 0) {
    return system_failure();
  }
  return made;
}

/// Everything the child needs, made before the fork: between fork and exec it
/// may only make system calls.
struct Launch {
  std::string program;
  std::string readers;
  std::array<char, 32> listen_pid{"LISTEN_PID="};
  int socket;
  int log;
  pid_t parent;
};

void write_decimal(char* at, pid_t value) noexcept {
  std::array<char, 16> digits{};
  std::size_t count = 0;
  for (; value > 0; value /= 10) digits[count++] = static_cast<char>('0' + value % 10);
  while (count > 0) *at++ = digits[--count];
}

[[noreturn]] void become_pcscd(Launch& launch) noexcept {
  constexpr int kNotExecutable = 126;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != launch.parent) ::_exit(kNotExecutable);  // it died before the prctl
  ::dup2(launch.log, STDOUT_FILENO);
  ::dup2(launch.log, STDERR_FILENO);
  ::dup2(launch.socket, kListenDescriptor);
  ::fcntl(kListenDescriptor, F_SETFD, 0);  // dup2 onto itself would keep close-on-exec
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  write_decimal(launch.listen_pid.data() + std::strlen("LISTEN_PID="), ::getpid());
  std::array<char, 16> foreground{"-f"};
  std::array<char, 16> config{"-c"};
  std::array<char, 16> listen_fds{"LISTEN_FDS=1"};
  std::array<char*, 5> arguments{launch.program.data(), foreground.data(), config.data(),
                                 launch.readers.data(), nullptr};
  std::array<char*, 3> environment{listen_fds.data(), launch.listen_pid.data(), nullptr};
  ::execve(launch.program.c_str(), arguments.data(), environment.data());
  ::_exit(kNotExecutable);
}

}  // namespace

Result<PcscdProcess> PcscdProcess::start(const Places& places) {
  if (::access(places.program.c_str(), X_OK) != 0) return system_failure();
  if (::mkdir(kPcscdFolder, 0755) != 0 && errno != EEXIST) return system_failure();
  auto socket = listening_socket(places.socket);
  if (!socket) return std::unexpected(socket.error());
  const Descriptor log(::open(places.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!log.valid()) return system_failure();
  Launch launch{places.program.native(),
                places.readers.native(),
                {"LISTEN_PID="},
                socket->get(),
                log.get(),
                ::getpid()};
  const pid_t pid = ::fork();
  if (pid < 0) return system_failure();
  if (pid == 0) become_pcscd(launch);
  // Our copy of the listening socket closes here: else clients of a dead pcscd
  // would connect to nobody and wait for ever.
  Descriptor end(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  PcscdProcess process(pid, std::move(end));
  if (!process.end_.valid()) return system_failure();
  return process;
}

PcscdProcess::PcscdProcess(PcscdProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), end_(std::move(other.end_)) {}

bool PcscdProcess::ended(Milliseconds timeout) const noexcept {
  if (pid_ == 0) return true;
  pollfd watched{end_.get(), POLLIN, 0};
  return ::poll(&watched, 1, static_cast<int>(timeout.count())) > 0;
}

void PcscdProcess::end(Milliseconds grace) noexcept {
  if (pid_ == 0) return;
  ::kill(pid_, SIGTERM);
  ended(grace);
  kill();
}

void PcscdProcess::kill() noexcept {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
}

}  // namespace passgate::sim
