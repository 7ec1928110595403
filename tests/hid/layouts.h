// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

namespace passgate::hid {

/// A layout as the configuration and as XKB name it.
struct NamedLayout {
  const char* name;
  const char* layout;
  const char* variant;
};

/// The layouts the typing tests run through.
inline constexpr std::array kLayouts = {
    NamedLayout{"us", "us", ""},         NamedLayout{"gb", "gb", ""},
    NamedLayout{"de", "de", ""},         NamedLayout{"de(nodeadkeys)", "de", "nodeadkeys"},
    NamedLayout{"fr", "fr", ""},         NamedLayout{"es", "es", ""},
    NamedLayout{"it", "it", ""},         NamedLayout{"us(intl)", "us", "intl"},
    NamedLayout{"de(neo)", "de", "neo"},
};

inline std::string printable_ascii() {
  std::string text;
  for (char c = 0x20; c < 0x7F; ++c) text.push_back(c);
  return text;
}

}  // namespace passgate::hid
