// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>

#include "hid/keyboard.h"

struct xkb_context;
struct xkb_keymap;
struct xkb_state;
struct xkb_compose_table;
struct xkb_compose_state;

namespace passgate::hid {

/// A computer with a keyboard layout: turns key events into text as a desktop
/// does, with libxkbcommon's keyboard state and X11's compose table.
class Host {
 public:
  explicit Host(const std::string& layout, const std::string& variant = "");
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// The text these events give. A key that goes down twice, comes up without
  /// having been down, or gives no text shows as "<…>".
  std::string receive(std::span<const KeyEvent> events);
  std::string receive(std::span<const KeyBeat> beats);
  bool all_keys_up() const { return down_.empty(); }
  bool caps_lock() const;  ///< The light of that name.

 private:
  std::string key_down(unsigned code);

  std::unique_ptr<xkb_context, void (*)(xkb_context*)> context_;
  std::unique_ptr<xkb_keymap, void (*)(xkb_keymap*)> keymap_;
  std::unique_ptr<xkb_state, void (*)(xkb_state*)> state_;
  std::unique_ptr<xkb_compose_table, void (*)(xkb_compose_table*)> table_;
  std::unique_ptr<xkb_compose_state, void (*)(xkb_compose_state*)> compose_;
  std::set<unsigned> down_;
};

}  // namespace passgate::hid
