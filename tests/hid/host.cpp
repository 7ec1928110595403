// SPDX-License-Identifier: Apache-2.0
#include "tests/hid/host.h"

#include <xkbcommon/xkbcommon-compose.h>
#include <xkbcommon/xkbcommon.h>

#include <array>

#include "core/require.h"

namespace passgate::hid {
namespace {

constexpr unsigned kXkbOffset = 8;

xkb_keymap* make_keymap(xkb_context* context, const std::string& layout,
                        const std::string& variant) {
  const xkb_rule_names names = {"evdev", "pc105", layout.c_str(), variant.c_str(), ""};
  return xkb_keymap_new_from_names(context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
}

bool is_modifier(xkb_keysym_t keysym) {
  return keysym == XKB_KEY_Shift_L || keysym == XKB_KEY_Shift_R ||
         keysym == XKB_KEY_ISO_Level3_Shift || keysym == XKB_KEY_Caps_Lock;
}

std::string utf8_of(xkb_keysym_t keysym) {
  if (keysym == XKB_KEY_Return) return "\n";
  if (keysym == XKB_KEY_Tab) return "\t";
  std::array<char, 8> text{};
  return xkb_keysym_to_utf8(keysym, text.data(), text.size()) > 0 ? text.data() : "<no text>";
}

}  // namespace

Host::Host(const std::string& layout, const std::string& variant)
    : context_(xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES), xkb_context_unref),
      keymap_(make_keymap(context_.get(), layout, variant), xkb_keymap_unref),
      state_(xkb_state_new(keymap_.get()), xkb_state_unref),
      table_(xkb_compose_table_new_from_locale(context_.get(), "en_US.UTF-8",
                                               XKB_COMPOSE_COMPILE_NO_FLAGS),
             xkb_compose_table_unref),
      compose_(xkb_compose_state_new(table_.get(), XKB_COMPOSE_STATE_NO_FLAGS),
               xkb_compose_state_unref) {
  PG_REQUIRE(state_ && compose_);
}

Host::~Host() = default;

std::string Host::key_down(unsigned code) {
  const xkb_keysym_t keysym = xkb_state_key_get_one_sym(state_.get(), code + kXkbOffset);
  if (is_modifier(keysym)) return "";
  xkb_compose_state_feed(compose_.get(), keysym);
  std::array<char, 16> text{};
  switch (xkb_compose_state_get_status(compose_.get())) {
    case XKB_COMPOSE_COMPOSING: return "";
    case XKB_COMPOSE_CANCELLED: return "<cancelled>";
    case XKB_COMPOSE_NOTHING: return utf8_of(keysym);
    case XKB_COMPOSE_COMPOSED:
      xkb_compose_state_get_utf8(compose_.get(), text.data(), text.size());
      return text.data();
  }
  return "<unknown>";
}

std::string Host::receive(std::span<const KeyEvent> events) {
  std::string text;
  for (const KeyEvent& event : events) {
    if (event.down) {
      text += down_.insert(event.code).second ? key_down(event.code) : "<down twice>";
    } else if (down_.erase(event.code) == 0) {
      text += "<up without down>";
    }
    xkb_state_update_key(state_.get(), event.code + kXkbOffset,
                         event.down ? XKB_KEY_DOWN : XKB_KEY_UP);
  }
  return text;
}

bool Host::caps_lock() const {
  return xkb_state_led_name_is_active(state_.get(), XKB_LED_NAME_CAPS) == 1;
}

std::string Host::receive(std::span<const KeyBeat> beats) {
  std::string text;
  for (const KeyBeat& beat : beats) text += receive(beat.events);
  return text;
}

}  // namespace passgate::hid
