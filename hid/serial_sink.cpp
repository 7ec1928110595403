// SPDX-License-Identifier: Apache-2.0
#include "hid/serial_sink.h"

// Not <termios.h>: it knows a list of speeds, and tills have others.
#include <asm/termbits.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "hid/line_text.h"
#include "hid/unavailable.h"

namespace passgate::hid {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPatience{1000};
constexpr unsigned kBitsPerByte = 10;  // a start bit, eight, a stop bit

/// Bytes as they are in both directions, nobody's terminal, no modem.
Status make_raw(int fd, unsigned baud) {
  ::termios2 line{};
  line.c_iflag = IGNPAR;
  line.c_cflag = BOTHER | CS8 | CREAD | CLOCAL;
  line.c_ispeed = line.c_ospeed = baud;
  line.c_cc[VMIN] = 1;
  if (::ioctl(fd, TCSETS2, &line) != 0) return unavailable(errno);
  return {};
}

}  // namespace

SerialSink::SerialSink(SerialSettings settings, Layout layout)
    : settings_(std::move(settings)), layout_(std::move(layout)) {}

Result<std::unique_ptr<SerialSink>> SerialSink::open(SerialSettings settings, Layout layout) {
  std::unique_ptr<SerialSink> sink(new SerialSink(std::move(settings), std::move(layout)));
  if (auto opened = sink->open_line(); !opened) return std::unexpected(opened.error());
  return sink;
}

Status SerialSink::open_line() {
  FileDescriptor fd(::open(settings_.path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return unavailable(errno);
  if (::ioctl(fd.get(), TIOCEXCL) != 0) return unavailable(errno);
  if (Status raw = make_raw(fd.get(), settings_.baud); !raw) return raw;
  fd_ = std::move(fd);
  return {};
}

Status SerialSink::type(std::string_view text) {
  const auto line = line_text(text, layout_, settings_.newline);
  if (!line) return std::unexpected(line.error());
  if (line->empty()) return {};
  const std::lock_guard lock(mutex_);
  if (stopped_) return fail(Errc::stopped);
  std::size_t sent = 0;
  if (fd_) {
    const Status done = send(*line, sent);
    // Nothing of it was taken because the line is gone: perhaps it is back.
    const bool again = !done && sent == 0 && done.error().detail() != ETIMEDOUT;
    if (!again) return done;
  }
  if (Status opened = open_line(); !opened) return opened;
  return send(*line, sent);
}

Status SerialSink::send(std::string_view bytes, std::size_t& sent) {
  const milliseconds on_the_line{bytes.size() * kBitsPerByte * 1000 / settings_.baud};
  const auto deadline = steady_clock::now() + on_the_line + kPatience;
  int error = 0;
  while (error == 0 && sent < bytes.size()) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (left <= milliseconds{0}) {
      error = ETIMEDOUT;
      break;
    }
    ::pollfd waiting{fd_.get(), POLLOUT, 0};
    if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) continue;
    const ssize_t taken = ::write(fd_.get(), bytes.data() + sent, bytes.size() - sent);
    if (taken > 0) sent += static_cast<std::size_t>(taken);
    if (taken < 0 && errno != EINTR && errno != EAGAIN) error = errno;
  }
  if (error == 0) return {};
  // What waits would come before the next text, hours later perhaps.
  static_cast<void>(::ioctl(fd_.get(), TCFLSH, TCOFLUSH));
  fd_ = FileDescriptor();
  return unavailable(error);
}

void SerialSink::stop(std::chrono::milliseconds /*patience*/) {
  const std::lock_guard lock(mutex_);  // A text under way has its own deadline.
  stopped_ = true;
}

}  // namespace passgate::hid
