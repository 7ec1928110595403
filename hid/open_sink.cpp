// SPDX-License-Identifier: Apache-2.0
#include "hid/open_sink.h"

#include <string_view>
#include <utility>

#include "hid/keyboard_sink.h"
#include "hid/layout.h"
#include "hid/text_sink.h"
#include "hid/uinput_keyboard.h"

namespace passgate::hid {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kTextPrefix = "text:";
/// Longer than any host is known to need; a slip of the unit would look like a
/// terminal that hangs.
constexpr auto kLongestKeyDelay = 1s;

/// For `device = "none"`: every text is accepted and goes nowhere.
class NullSink final : public Sink {
 public:
  Status type(std::string_view /*text*/) override { return {}; }
};

Result<std::unique_ptr<Sink>> open_keyboard(const KeyboardSettings& settings, Layout layout) {
  auto keyboard =
      UinputKeyboard::create(UinputSettings{.node = settings.uinput_node}, layout.codes());
  if (!keyboard) return std::unexpected(keyboard.error());
  return std::make_unique<KeyboardSink>(std::move(layout), std::move(*keyboard),
                                        settings.key_delay);
}

Result<std::unique_ptr<Sink>> open_text(std::string_view path, Layout layout) {
  auto sink = TextSink::open(path, std::move(layout));
  if (!sink) return std::unexpected(sink.error());
  return std::move(*sink);
}

}  // namespace

Result<std::unique_ptr<Sink>> open_sink(const KeyboardSettings& settings) {
  const auto delay = settings.key_delay.value_or(0us);
  if (delay < 0us || delay > kLongestKeyDelay) return fail(Errc::bad_value);
  const std::string_view device = settings.device;
  if (device == "none") return std::make_unique<NullSink>();
  const bool text = device.starts_with(kTextPrefix) && device.size() > kTextPrefix.size();
  if (device != "uinput" && !text) return fail(Errc::bad_value);

  auto layout = Layout::compile(settings.layout);
  if (!layout) return std::unexpected(layout.error());
  if (text) return open_text(device.substr(kTextPrefix.size()), std::move(*layout));
  return open_keyboard(settings, std::move(*layout));
}

}  // namespace passgate::hid
