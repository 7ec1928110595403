// SPDX-License-Identifier: Apache-2.0
#include "hid/uinput_keyboard.h"

#include <fcntl.h>
#include <libevdev/libevdev-uinput.h>
#include <libevdev/libevdev.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include "hid/file_descriptor.h"
#include "hid/pacing.h"
#include "hid/unavailable.h"

namespace passgate::hid {
namespace {

struct FreeDescription {
  void operator()(libevdev* description) const noexcept { libevdev_free(description); }
};
struct DestroyDevice {
  void operator()(libevdev_uinput* device) const noexcept { libevdev_uinput_destroy(device); }
};

/// udev's input_id takes a device for a keyboard only if it has all of the first
/// 31 keys, and desktops ignore one that is not. Having a key does not press it.
constexpr std::uint16_t kFirstKey = KEY_ESC;
constexpr std::uint16_t kLastKeyOfAKeyboard = KEY_S;

/// A signal may interrupt the kernel's lock; more often than this is no accident.
constexpr int kAttempts = 16;

std::unique_ptr<libevdev, FreeDescription> describe(std::span<const std::uint16_t> codes) {
  std::unique_ptr<libevdev, FreeDescription> description(libevdev_new());
  if (!description) return nullptr;
  libevdev_set_name(description.get(), "passgate keyboard");
  libevdev_set_id_bustype(description.get(), BUS_VIRTUAL);
  libevdev_set_id_version(description.get(), 1);
  const auto enable = [&](unsigned code) {
    return libevdev_enable_event_code(description.get(), EV_KEY, code, nullptr) == 0;
  };
  bool enabled = std::ranges::all_of(codes, enable);
  enabled &= libevdev_enable_event_code(description.get(), EV_LED, LED_CAPSL, nullptr) == 0;
  for (unsigned code = kFirstKey; code <= kLastKeyOfAKeyboard; ++code) enabled &= enable(code);
  if (!enabled) return nullptr;
  return description;
}

}  // namespace

/// The device in the kernel, and which of its keys are down.
class UinputKeyboard::Device {
 public:
  static Result<std::unique_ptr<Device>> create(const std::filesystem::path& node,
                                                std::span<const std::uint16_t> codes) {
    auto device = std::make_unique<Device>();
    device->fd_ = FileDescriptor(::open(node.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!device->fd_) return unavailable(errno);
    const auto description = describe(codes);
    if (!description) return unavailable(ENOMEM);
    libevdev_uinput* raw = nullptr;
    const int rc = libevdev_uinput_create_from_device(description.get(), device->fd_.get(), &raw);
    if (rc != 0) return unavailable(-rc);
    device->uinput_.reset(raw);
    return device;
  }

  Status send(std::span<const KeyEvent> events) {
    for (const KeyEvent& event : events) {
      if (const int rc = send(event); rc != 0) return unavailable(-rc);
    }
    return {};
  }

  /// The kernel tells each change of the light once and keeps the last 16 in a ring
  /// that it does not guard: a full one looks empty. Changes alternate, so 16 of
  /// them are none, and whatever is left ends with the last.
  bool caps_lock() {
    input_event event{};
    while (::read(fd_.get(), &event, sizeof event) == sizeof event) {
      if (event.type == EV_LED && event.code == LED_CAPSL) caps_lock_ = event.value != 0;
    }
    return caps_lock_;
  }

  /// Failures are ignored: a device that takes no key up is destroyed next.
  void release_all() {
    while (!down_.empty()) {
      const std::uint16_t code = down_.back();
      static_cast<void>(send(KeyEvent{code, false}));
      std::erase(down_, code);
    }
  }

 private:
  int send(const KeyEvent& event) {
    // Noted before it is written: a report that fails half-way may have arrived.
    if (event.down) down_.push_back(event.code);
    int rc = write(EV_KEY, event.code, event.down ? 1 : 0);
    if (rc == 0) rc = write(EV_SYN, SYN_REPORT, 0);
    if (rc == 0 && !event.down) std::erase(down_, event.code);
    return rc;
  }

  int write(unsigned type, unsigned code, int value) {
    int rc = -EINTR;
    for (int i = 0; i < kAttempts && rc == -EINTR; ++i) {
      rc = libevdev_uinput_write_event(uinput_.get(), type, code, value);
    }
    return rc;
  }

  FileDescriptor fd_;  ///< Outlives uinput_, which uses it and does not close it.
  std::unique_ptr<libevdev_uinput, DestroyDevice> uinput_;
  std::vector<std::uint16_t> down_;
  bool caps_lock_ = false;
};

UinputKeyboard::UinputKeyboard(UinputSettings settings, std::vector<std::uint16_t> codes) noexcept
    : settings_(std::move(settings)), codes_(std::move(codes)) {}

Result<std::unique_ptr<UinputKeyboard>> UinputKeyboard::create(UinputSettings settings,
                                                               std::vector<std::uint16_t> codes) {
  std::unique_ptr<UinputKeyboard> keyboard(
      new UinputKeyboard(std::move(settings), std::move(codes)));
  if (auto opened = keyboard->open_device(); !opened) return std::unexpected(opened.error());
  return keyboard;
}

UinputKeyboard::~UinputKeyboard() {
  if (device_) std::this_thread::sleep_until(last_key_ + kConsumerStall);
}

Status UinputKeyboard::open_device() {
  auto device = Device::create(settings_.node, codes_);
  if (!device) return std::unexpected(device.error());
  device_ = std::move(*device);
  settled_ = std::chrono::steady_clock::now() + settings_.settle;
  return {};
}

Status UinputKeyboard::ready() {
  if (!device_) {
    if (auto opened = open_device(); !opened) return opened;
  }
  std::this_thread::sleep_until(settled_);
  return {};
}

Result<bool> UinputKeyboard::caps_lock() {
  if (const Status is = ready(); !is) return std::unexpected(is.error());
  return device_->caps_lock();
}

Status UinputKeyboard::press(std::span<const KeyBeat> beats, const std::stop_token& cut) {
  if (Status is = ready(); !is) return is;
  for (const KeyBeat& beat : beats) {
    if (cut.stop_requested()) {
      device_->release_all();
      return fail(Errc::stopped);
    }
    if (auto sent = device_->send(beat.events); !sent) {
      device_->release_all();
      device_.reset();
      return sent;
    }
    last_key_ = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(beat.pause_after);
  }
  return {};
}

}  // namespace passgate::hid
