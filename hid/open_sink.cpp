// SPDX-License-Identifier: Apache-2.0
#include "hid/open_sink.h"

#include <string>
#include <utility>

#include "core/keyboard_device.h"
#include "hid/hid_gadget_keyboard.h"
#include "hid/keyboard_sink.h"
#include "hid/layout.h"
#include "hid/pacing.h"
#include "hid/serial_sink.h"
#include "hid/text_sink.h"
#include "hid/uinput_keyboard.h"

namespace passgate::hid {
namespace {

using namespace std::chrono_literals;

/// Longer than any host is known to need; a slip of the unit would look like a
/// terminal that hangs.
constexpr auto kLongestKeyDelay = 1s;

/// For `device = "none"`: every text is accepted and goes nowhere.
class NullSink final : public Sink {
 public:
  Status type(std::string_view /*text*/) override { return {}; }
};

using Opened = Result<std::unique_ptr<Sink>>;

/// A sink of some kind, as any sink.
template <class T>
Opened as_sink(Result<std::unique_ptr<T>> sink) {
  if (!sink) return std::unexpected(sink.error());
  return std::move(*sink);
}

Opened open_uinput(const KeyboardSettings& settings, Layout layout) {
  auto keyboard =
      UinputKeyboard::create(UinputSettings{.node = settings.uinput_node}, layout.codes());
  if (!keyboard) return std::unexpected(keyboard.error());
  return std::make_unique<KeyboardSink>(std::move(layout), std::move(*keyboard),
                                        settings.key_delay);
}

Opened open_hidg(std::string node, const KeyboardSettings& settings, Layout layout) {
  auto keyboard = HidGadgetKeyboard::open({.node = std::move(node)}, layout.codes());
  if (!keyboard) return std::unexpected(keyboard.error());
  return std::make_unique<KeyboardSink>(std::move(layout), std::move(*keyboard), settings.key_delay,
                                        kEventsOfAUsbKey);
}

}  // namespace

Result<std::unique_ptr<Sink>> open_sink(const KeyboardSettings& settings) {
  const auto delay = settings.key_delay.value_or(0us);
  if (delay < 0us || delay > kLongestKeyDelay) return fail(Errc::bad_value);
  auto device = keyboard_device(settings.device);
  if (!device) return fail(Errc::bad_value);
  if (device->kind == KeyboardKind::none) return std::make_unique<NullSink>();

  auto layout = Layout::compile(settings.layout);
  if (!layout) return std::unexpected(layout.error());
  switch (device->kind) {
    case KeyboardKind::uinput: return open_uinput(settings, std::move(*layout));
    case KeyboardKind::hidg:
      return open_hidg(std::move(device->target), settings, std::move(*layout));
    case KeyboardKind::serial:
      return as_sink(SerialSink::open(
          {.path = std::move(device->target), .baud = settings.baud, .newline = settings.newline},
          std::move(*layout)));
    case KeyboardKind::text:
      return as_sink(TextSink::open(std::move(device->target), std::move(*layout)));
    case KeyboardKind::tcp:  // Needs the network, which this process does not have.
    case KeyboardKind::none: break;
  }
  return fail(Errc::bad_value);
}

}  // namespace passgate::hid
