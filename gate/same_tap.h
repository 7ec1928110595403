// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/clock.h"
#include "gate/vocabulary.h"

namespace passgate::gate {

/// What a reader judged last.
struct LastTap {
  std::string pass_template;
  std::string pass_id;
  MonoTime at;  ///< When it was shown last; a repeat moves it.
  Decision decision = Decision::deny;
};

/// Whether a pass shown at `now` is `last` shown again: the phone never left, or
/// was held to the reader twice. Then it is one tap with one record. By the
/// monotonic clock; a pass without an id is never the same as another. Pure.
bool is_same_tap(const LastTap& last, std::string_view pass_template, std::string_view pass_id,
                 MonoTime now, Milliseconds rearm) noexcept;

}  // namespace passgate::gate
