// SPDX-License-Identifier: Apache-2.0
#include "hid/hid_gadget_keyboard.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include "hid/unavailable.h"
#include "hid/usage.h"

namespace passgate::hid {
namespace {

constexpr std::size_t kFirstKeyPlace = 2;   ///< Its place in a report.
constexpr std::uint8_t kCapsLockLight = 2;  ///< Its bit in the till's report (HID 1.11, B.1).
/// The till's reports that wait are few; a till that sends them without end must
/// not hold us.
constexpr int kMostLightReports = 64;

std::chrono::milliseconds left_until(std::chrono::steady_clock::time_point deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return std::max(left, std::chrono::milliseconds{0});
}

/// Until the node would take a report.
Status await_writable(int fd, std::chrono::steady_clock::time_point deadline) {
  while (true) {
    ::pollfd waiting{fd, POLLOUT, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left_until(deadline).count()));
    if (ready > 0 && (waiting.revents & POLLOUT) != 0) return {};
    if (ready > 0) return unavailable(ENODEV);  // POLLERR, POLLHUP: the gadget was taken apart.
    if (ready == 0) return unavailable(ETIMEDOUT);
    if (errno != EINTR) return unavailable(errno);
  }
}

}  // namespace

HidGadgetKeyboard::HidGadgetKeyboard(HidGadgetSettings settings) noexcept
    : settings_(std::move(settings)) {}

Result<std::unique_ptr<HidGadgetKeyboard>> HidGadgetKeyboard::open(
    HidGadgetSettings settings, std::span<const std::uint16_t> codes) {
  for (const std::uint16_t code : codes) {
    if (modifier_bit(code) == 0 && !keyboard_usage(code)) return fail(Errc::bad_value, code);
  }
  std::unique_ptr<HidGadgetKeyboard> keyboard(new HidGadgetKeyboard(std::move(settings)));
  if (auto opened = keyboard->open_node(); !opened) return std::unexpected(opened.error());
  return keyboard;
}

Status HidGadgetKeyboard::open_node() {
  fd_ = FileDescriptor(::open(settings_.node.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!fd_) return unavailable(errno);
  return {};
}

Result<bool> HidGadgetKeyboard::caps_lock() {
  if (!fd_) {
    if (const Status opened = open_node(); !opened) return std::unexpected(opened.error());
  }
  std::uint8_t lights = 0;
  for (int i = 0; i < kMostLightReports; ++i) {
    if (::read(fd_.get(), &lights, sizeof lights) != sizeof lights) break;
    caps_lock_ = (lights & kCapsLockLight) != 0;
  }
  return caps_lock_;
}

Status HidGadgetKeyboard::press(std::span<const KeyBeat> beats, const std::stop_token& cut) {
  if (Status found = find_till(); !found) return found;
  Status typed = type(beats, cut);
  if (typed) return typed;
  release_all();
  if (typed.error().code() != Errc::stopped) fd_ = FileDescriptor();
  return typed;
}

/// All keys up, fetched. A node that was opened before may be that of a gadget
/// since taken apart, which only falls silent.
Status HidGadgetKeyboard::find_till() {
  const bool opened_before = static_cast<bool>(fd_);
  Status found;
  for (int attempt = opened_before ? 0 : 1; attempt < 2; ++attempt) {
    if (!fd_) found = open_node();
    if (fd_) found = put_report();
    if (fd_ && found) found = await_fetched();
    if (found) return found;
    fd_ = FileDescriptor();
  }
  return found;
}

Status HidGadgetKeyboard::type(std::span<const KeyBeat> beats, const std::stop_token& cut) {
  for (const KeyBeat& beat : beats) {
    if (cut.stop_requested()) return fail(Errc::stopped);
    for (const KeyEvent& event : beat.events) {
      if (Status sent = send(event); !sent) return sent;
    }
    std::this_thread::sleep_for(beat.pause_after);
  }
  return await_fetched();
}

Status HidGadgetKeyboard::send(const KeyEvent& event) {
  if (const std::uint8_t bit = modifier_bit(event.code); bit != 0) {
    report_[0] = static_cast<std::uint8_t>(event.down ? report_[0] | bit : report_[0] & ~bit);
  } else {
    // Into the first free place, and out of its own: with Caps Lock for the third
    // level (de(neo)) two keys are down at once.
    const std::uint8_t usage = keyboard_usage(event.code).value_or(0);
    const auto places = std::span(report_).subspan<kFirstKeyPlace>();
    const auto place = std::ranges::find(places, event.down ? std::uint8_t{0} : usage);
    if (place != places.end()) *place = event.down ? usage : std::uint8_t{0};
  }
  return put_report();
}

/// Waits for the report before, then hands this one to the kernel.
Status HidGadgetKeyboard::put_report() {
  const auto deadline = std::chrono::steady_clock::now() + settings_.report_patience;
  while (true) {
    if (Status writable = await_writable(fd_.get(), deadline); !writable) return writable;
    const ssize_t written = ::write(fd_.get(), report_.data(), report_.size());
    if (written == static_cast<ssize_t>(report_.size())) return {};
    if (written >= 0) return unavailable(EIO);
    if (errno != EINTR && errno != EAGAIN) return unavailable(errno);
    if (std::chrono::steady_clock::now() >= deadline) return unavailable(ETIMEDOUT);
  }
}

Status HidGadgetKeyboard::await_fetched() {
  return await_writable(fd_.get(), std::chrono::steady_clock::now() + settings_.report_patience);
}

/// Failures are ignored: there is nobody to tell.
void HidGadgetKeyboard::release_all() {
  report_ = {};
  [[maybe_unused]] const bool fetched = put_report() && await_fetched();
}

}  // namespace passgate::hid
