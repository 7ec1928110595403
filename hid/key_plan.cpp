// SPDX-License-Identifier: Apache-2.0
#include "hid/key_plan.h"

#include "hid/printable.h"

namespace passgate::hid {
namespace {

std::unexpected<Error> untypable_at(std::size_t offset) {
  return fail(Errc::untypable, static_cast<std::int32_t>(offset));
}

class Planner {
 public:
  explicit Planner(const Layout& layout) : layout_(layout) {}

  void press(const Stroke& stroke) {
    KeyBeat beat;
    // Released and pressed anew rather than adjusted: what a keymap gives may
    // depend on the order of its modifiers, and the layout was asked for one.
    if (held_ != stroke.with) {
      release(beat);
      hold(stroke.with, beat);
    }
    beat.events.push_back({stroke.code, true});
    beat.events.push_back({stroke.code, false});
    beats_.push_back(std::move(beat));
  }

  std::vector<KeyBeat> finish() && {
    if (!beats_.empty()) release(beats_.back());
    return std::move(beats_);
  }

 private:
  void hold(Modifiers modifiers, KeyBeat& beat) {
    if (modifiers.shift) beat.events.push_back({layout_.shift_code(), true});
    if (modifiers.level3) beat.events.push_back({layout_.level3_code(), true});
    held_ = modifiers;
  }

  void release(KeyBeat& beat) {
    if (held_.level3) beat.events.push_back({layout_.level3_code(), false});
    if (held_.shift) beat.events.push_back({layout_.shift_code(), false});
    held_ = {};
  }

  const Layout& layout_;
  Modifiers held_;
  std::vector<KeyBeat> beats_;
};

}  // namespace

Result<std::vector<KeyBeat>> plan_keys(std::string_view text, const Layout& layout) {
  Planner planner(layout);
  for (std::size_t at = 0; at < text.size();) {
    const auto character = first_character(text.substr(at));
    if (!character || at + character->bytes > kLongestText) return untypable_at(at);
    const auto strokes = layout.strokes(character->code);
    if (strokes.empty()) return untypable_at(at);
    const bool half_of_crlf = text.substr(at).starts_with("\r\n");
    if (!half_of_crlf) {
      for (const Stroke& stroke : strokes) planner.press(stroke);
    }
    at += character->bytes;
  }
  return std::move(planner).finish();
}

}  // namespace passgate::hid
