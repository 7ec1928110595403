// SPDX-License-Identifier: Apache-2.0
#include "hid/layout.h"

#include <linux/input-event-codes.h>
#include <xkbcommon/xkbcommon.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "hid/printable.h"

namespace passgate::hid {
namespace {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Context = std::unique_ptr<xkb_context, FreeWith<xkb_context_unref>>;
using Keymap = std::unique_ptr<xkb_keymap, FreeWith<xkb_keymap_unref>>;
using State = std::unique_ptr<xkb_state, FreeWith<xkb_state_unref>>;

/// XKB numbers keys like the X protocol, which reserves the first eight.
constexpr xkb_keycode_t kXkbOffset = 8;

/// The alphanumeric zone of ISO/IEC 9995-2. The keypad is left out on purpose:
/// what it gives depends on the host's Num Lock.
struct CodeRange {
  std::uint16_t first;
  std::uint16_t last;
};
constexpr std::array kAlphanumericZone = {
    CodeRange{KEY_1, KEY_EQUAL},     CodeRange{KEY_Q, KEY_RIGHTBRACE},
    CodeRange{KEY_A, KEY_GRAVE},     CodeRange{KEY_BACKSLASH, KEY_SLASH},
    CodeRange{KEY_SPACE, KEY_SPACE}, CodeRange{KEY_102ND, KEY_102ND},
    CodeRange{KEY_RO, KEY_RO},       CodeRange{KEY_YEN, KEY_YEN},
};

constexpr std::array kModifierSets = {Modifiers{false, false}, Modifiers{true, false},
                                      Modifiers{false, true}, Modifiers{true, true}};

/// Dead keys that give this character with the space bar in every compose table
/// we know of. Others (dead_acute, dead_diaeresis) differ between toolkits.
struct DeadKey {
  xkb_keysym_t keysym;
  char32_t spacing;
};
constexpr std::array kDeadKeys = {DeadKey{XKB_KEY_dead_grave, U'`'},
                                  DeadKey{XKB_KEY_dead_circumflex, U'^'},
                                  DeadKey{XKB_KEY_dead_tilde, U'~'}};

struct LayoutName {
  std::string layout;
  std::string variant;
};

bool is_xkb_name(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

/// Strict, because XKB gives "us,de" and "us+de" meanings that a plan for one
/// layout would get wrong.
std::optional<LayoutName> split(std::string_view name) {
  const std::size_t open = name.find('(');
  if (open == std::string_view::npos) {
    if (!is_xkb_name(name)) return std::nullopt;
    return LayoutName{std::string(name), ""};
  }
  if (!name.ends_with(')')) return std::nullopt;
  const std::string_view layout = name.substr(0, open);
  const std::string_view variant = name.substr(open + 1, name.size() - open - 2);
  if (!is_xkb_name(layout) || !is_xkb_name(variant)) return std::nullopt;
  return LayoutName{std::string(layout), std::string(variant)};
}

Keymap compile_keymap(const LayoutName& name) {
  const Context context(xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES));
  if (!context) return nullptr;
  xkb_context_set_log_level(context.get(), XKB_LOG_LEVEL_CRITICAL);  // we return an error instead
  const xkb_rule_names names = {"evdev", "pc105", name.layout.c_str(), name.variant.c_str(), ""};
  return Keymap(xkb_keymap_new_from_names(context.get(), &names, XKB_KEYMAP_COMPILE_NO_FLAGS));
}

/// True when the key, pressed alone, gives this keysym.
bool gives(xkb_keymap* keymap, std::uint16_t code, xkb_keysym_t keysym) {
  const State state(xkb_state_new(keymap));
  return state && xkb_state_key_get_one_sym(state.get(), code + kXkbOffset) == keysym;
}

/// AltGr or, on layouts in the manner of Neo, Caps Lock; 0 when neither is the
/// third-level key. Keymaps also put the keysym on positions no keyboard has.
std::uint16_t find_level3_key(xkb_keymap* keymap) {
  constexpr std::array<std::uint16_t, 2> kCandidates = {KEY_RIGHTALT, KEY_CAPSLOCK};
  for (const std::uint16_t code : kCandidates) {
    if (gives(keymap, code, XKB_KEY_ISO_Level3_Shift)) return code;
  }
  return 0;
}

/// A way to a character, and how far-fetched it is.
struct Way {
  Stroke stroke;
  int cost = 0;
};
using Ways = std::map<char32_t, Way>;

/// Of several ways the one that a person would use: the till may run another
/// system, which agrees with XKB on what is printed on the keys and on little else.
/// @param hand_me_down  The stroke gives the same on XKB's "latin", which most
///   layouts are built on: likely something that nobody took away, as the @ on the
///   Q of Spain and Italy.
int cost_of(const Stroke& stroke, bool hand_me_down) {
  // The key beside the left Shift is missing on many keyboards, or another one.
  const int place = stroke.code == KEY_102ND ? 4 : 0;
  return (stroke.with.shift ? 2 : 0) + (stroke.with.level3 ? 8 : 0) + place +
         (hand_me_down ? 3 : 0);
}

void keep_cheapest(Ways& ways, char32_t character, const Way& way) {
  const auto [known, is_new] = ways.try_emplace(character, way);
  if (!is_new && way.cost < known->second.cost) known->second = way;
}

/// True when the key gives `keysym` on this level of a keymap, too.
bool gives_on_level(xkb_keymap* keymap, xkb_keycode_t key, xkb_level_index_t level,
                    xkb_keysym_t keysym) {
  const xkb_keysym_t* keysyms = nullptr;
  const int count =
      keymap == nullptr ? 0 : xkb_keymap_key_get_syms_by_level(keymap, key, 0, level, &keysyms);
  return count == 1 && keysyms[0] == keysym;
}

/// Asks what every key of the zone gives while `with` is held down.
/// @param latin  XKB's "latin", or none.
void collect(xkb_state* state, xkb_keymap* latin, Modifiers with, Ways& direct, Ways& dead) {
  for (const auto& range : kAlphanumericZone) {
    for (std::uint16_t code = range.first; code <= range.last; ++code) {
      const xkb_keycode_t xkb_key = code + kXkbOffset;
      const xkb_keysym_t keysym = xkb_state_key_get_one_sym(state, xkb_key);
      const bool hand_me_down =
          gives_on_level(latin, xkb_key, xkb_state_key_get_level(state, xkb_key, 0), keysym);
      const Stroke stroke{code, with};
      const Way way{stroke, cost_of(stroke, hand_me_down)};
      const char32_t character = xkb_keysym_to_utf32(keysym);
      if (character != 0 && is_printable(character)) keep_cheapest(direct, character, way);
      const auto* const key = std::ranges::find(kDeadKeys, keysym, &DeadKey::keysym);
      if (key != kDeadKeys.end()) keep_cheapest(dead, key->spacing, way);
    }
  }
}

}  // namespace

Result<Layout> Layout::compile(std::string_view name) {
  const auto parts = split(name);
  if (!parts) return fail(Errc::bad_value);
  const Keymap keymap = compile_keymap(*parts);
  if (!keymap) return fail(Errc::bad_value);

  Layout layout;
  if (gives(keymap.get(), KEY_LEFTSHIFT, XKB_KEY_Shift_L)) layout.shift_ = KEY_LEFTSHIFT;
  layout.level3_ = find_level3_key(keymap.get());
  if (gives(keymap.get(), KEY_CAPSLOCK, XKB_KEY_Caps_Lock)) layout.caps_lock_ = KEY_CAPSLOCK;

  const Keymap latin = compile_keymap({"latin", ""});
  Ways direct;
  Ways dead;
  for (const Modifiers with : kModifierSets) {
    if ((with.shift && layout.shift_ == 0) || (with.level3 && layout.level3_ == 0)) continue;
    const State state(xkb_state_new(keymap.get()));
    if (!state) return fail(Errc::bad_value);
    if (with.shift) xkb_state_update_key(state.get(), layout.shift_ + kXkbOffset, XKB_KEY_DOWN);
    if (with.level3) xkb_state_update_key(state.get(), layout.level3_ + kXkbOffset, XKB_KEY_DOWN);
    collect(state.get(), latin.get(), with, direct, dead);
  }
  for (const auto& [character, way] : direct) layout.strokes_[character] = {way.stroke};
  if (const auto space = direct.find(U' '); space != direct.end()) {
    for (const auto& [character, way] : dead) {
      layout.strokes_.try_emplace(character, std::vector{way.stroke, space->second.stroke});
    }
  }
  layout.strokes_[U'\n'] = layout.strokes_[U'\r'] = {{KEY_ENTER, {}}};
  layout.strokes_[U'\t'] = {{KEY_TAB, {}}};
  return layout;
}

std::span<const Stroke> Layout::strokes(char32_t c) const noexcept {
  const auto found = strokes_.find(c);
  return found == strokes_.end() ? std::span<const Stroke>{} : found->second;
}

std::vector<std::uint16_t> Layout::codes() const {
  std::set<std::uint16_t> codes;
  for (const std::uint16_t code : {shift_, level3_, caps_lock_}) {
    if (code != 0) codes.insert(code);
  }
  for (const auto& [character, strokes] : strokes_) {
    for (const Stroke& stroke : strokes) codes.insert(stroke.code);
  }
  return {codes.begin(), codes.end()};
}

}  // namespace passgate::hid
