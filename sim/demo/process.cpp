// SPDX-License-Identifier: Apache-2.0
#include "sim/demo/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace passgate::sim {
namespace {

using SteadyClock = std::chrono::steady_clock;

int remaining_ms(SteadyClock::time_point deadline) {
  const auto left = std::chrono::ceil<Milliseconds>(deadline - SteadyClock::now());
  return static_cast<int>(std::max<Milliseconds::rep>(left.count(), 0));
}

int exit_status_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Between fork and exec: only async-signal-safe calls, so everything that
/// allocates was prepared before.
[[noreturn]] void become(char* const* arguments, char* const* environment, int out, int log) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
  for (const auto& [key, value] : added) {
    std::erase_if(all, [&](const std::string& e) { return e.starts_with(key + "="); });
    all.push_back(fmt::format("{}={}", key, value));
  }
  return all;
}

}  // namespace

Result<Process> Process::start(const Start& start) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Errc::unreachable, errno);
  const int log = ::open(start.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  std::vector<std::string> command = start.command;
  std::vector<std::string> variables = environment_with(start.environment);
  const auto arguments = pointers(command);
  const auto environment = pointers(variables);
  const ::pid_t pid = log < 0 ? -1 : ::fork();
  if (pid == 0) become(arguments.data(), environment.data(), ends[1], log);
  const int problem = errno;
  ::close(ends[1]);
  if (log >= 0) ::close(log);
  if (pid < 0) {
    ::close(ends[0]);
    return fail(Errc::unreachable, problem);
  }
  return Process(pid, ends[0]);
}

Process::Process(Process&& other) noexcept {
  *this = std::move(other);
}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    stop();
    pid_ = std::exchange(other.pid_, -1);
    out_ = std::exchange(other.out_, -1);
    pending_ = std::move(other.pending_);
  }
  return *this;
}

Process::~Process() {
  stop();
}

Result<std::string> Process::read_line(Milliseconds budget) {
  const auto deadline = SteadyClock::now() + budget;
  for (;;) {
    if (const auto end = pending_.find('\n'); end != std::string::npos) {
      std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      return line;
    }
    ::pollfd waiting{out_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, remaining_ms(deadline));
    if (ready == 0) return fail(Errc::deadline_exceeded);
    if (ready < 0 && errno == EINTR) continue;
    char buffer[4096];
    const ::ssize_t got = ::read(out_, buffer, sizeof buffer);
    if (got <= 0) return fail(Errc::unreachable);
    pending_.append(buffer, static_cast<std::size_t>(got));
  }
}

Result<int> Process::wait(Milliseconds budget) {
  if (pid_ < 0) return 0;
  const auto deadline = SteadyClock::now() + budget;
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (handle < 0) return fail(Errc::unreachable, errno);
  ::pollfd waiting{handle, POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&waiting, 1, remaining_ms(deadline));
  } while (ready < 0 && errno == EINTR);
  ::close(handle);
  if (ready == 0) return fail(Errc::deadline_exceeded);
  // It has ended. Under a tracer its status comes a moment later: block for it.
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return exit_status_of(status);
}

int Process::stop(Milliseconds grace) noexcept {
  int result = 0;
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    if (const auto ended = wait(grace)) {
      result = *ended;
    } else {
      ::kill(pid_, SIGKILL);
      int status = 0;
      ::waitpid(pid_, &status, 0);
      pid_ = -1;
      result = exit_status_of(status);
    }
  }
  if (out_ >= 0) ::close(std::exchange(out_, -1));
  return result;
}

}  // namespace passgate::sim
