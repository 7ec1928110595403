// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/hostile_phone.h"

#include <algorithm>
#include <array>
#include <utility>

#include "apdu/tlv.h"
#include "sim/tap/answer.h"
#include "sim/tap/hostile_android.h"

namespace passgate::sim {
namespace {

constexpr std::array kNames = {
    std::pair{std::string_view{"lying-fci"}, Hostility::lying_fci},
    std::pair{std::string_view{"lying-lengths"}, Hostility::lying_lengths},
    std::pair{std::string_view{"endless-61"}, Hostility::endless_61},
    std::pair{std::string_view{"endless-6c"}, Hostility::endless_6c},
    std::pair{std::string_view{"empty"}, Hostility::empty},
    std::pair{std::string_view{"one-byte"}, Hostility::one_byte},
    std::pair{std::string_view{"oversize"}, Hostility::oversize},
    std::pair{std::string_view{"deep"}, Hostility::deep},
    std::pair{std::string_view{"garbage"}, Hostility::garbage},
    std::pair{std::string_view{"leaves"}, Hostility::leaves},
    std::pair{std::string_view{"endless-9100"}, Hostility::endless_9100},
    std::pair{std::string_view{"zlib-bomb"}, Hostility::zlib_bomb},
    std::pair{std::string_view{"lying-ndef"}, Hostility::lying_ndef},
};

constexpr std::size_t kOversize = 60'000;  // still one frame of the reader's socket
constexpr unsigned kDepth = 100;

Bytes ok(Bytes data) {
  return with_status(std::move(data), apdu::kSuccess);
}

/// An ordinary handset's answer to SELECT OSE.VAS.01.
Bytes honest_fci() {
  return {0x6F, 0x1D, 0x50, 0x08, 'A',  'p',  'p',  'l',  'e',  'P',  'a',
          'y',  0x9F, 0x21, 0x02, 0x01, 0x00, 0x9F, 0x24, 0x04, 0x01, 0x02,
          0x03, 0x04, 0x9F, 0x23, 0x04, 0x00, 0x00, 0x00, 0x1E};
}

/// The same, with a label that claims 127 bytes of the 29 there are.
Bytes lying_fci() {
  Bytes fci = honest_fci();
  fci[3] = 0x7F;
  return fci;
}

/// 70 82 FFFF: a template that claims 64 KiB, of which 4 bytes follow.
Bytes lying_template() {
  return {0x70, 0x82, 0xFF, 0xFF, 0x9F, 0x27, 0x82, 0xFF};
}

Bytes deep_template() {
  Bytes inside;
  for (unsigned i = 0; i < kDepth; ++i) {
    Bytes outside;
    apdu::append_tlv(outside, 0x70, inside);
    inside = std::move(outside);
  }
  return inside;
}

Bytes garbage() {
  Bytes nonsense(80);
  std::uint8_t next = 1;
  for (auto& byte : nonsense) byte = next = static_cast<std::uint8_t>(next * 5 + 3);
  Bytes inside;
  apdu::append_tlv(inside, 0x9F27, nonsense);
  Bytes body;
  apdu::append_tlv(body, 0x70, inside);
  return body;
}

}  // namespace

std::optional<Hostility> hostility_from(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(kNames, name, [](const auto& n) { return n.first; });
  if (found == kNames.end()) return std::nullopt;
  return found->second;
}

std::string_view name(Hostility kind) noexcept {
  const auto* const found = std::ranges::find(kNames, kind, [](const auto& n) { return n.second; });
  return found == kNames.end() ? std::string_view{} : found->first;
}

std::optional<Bytes> HostilePhone::answer(ByteView command) {
  const bool select = command.size() > 1 && command[1] == 0xA4;
  switch (kind_) {
    case Hostility::lying_fci: return ok(lying_fci());
    case Hostility::endless_61: {
      Bytes more(16, 0xAA);
      append_be16(more, 0x6110);
      return more;
    }
    case Hostility::endless_6c: return Bytes{0x6C, 0x10};
    case Hostility::empty: return Bytes{};
    case Hostility::one_byte: return Bytes{0x90};
    case Hostility::oversize: return ok(Bytes(kOversize, 0x70));
    case Hostility::lying_lengths: return ok(select ? honest_fci() : lying_template());
    case Hostility::deep: return ok(select ? honest_fci() : deep_template());
    case Hostility::garbage: return ok(select ? honest_fci() : garbage());
    case Hostility::leaves:
      if (select) return ok(honest_fci());
      return std::nullopt;
    case Hostility::endless_9100: return hostile_android_answer(command, nullptr);
    case Hostility::zlib_bomb: return hostile_android_answer(command, bomb);
    case Hostility::lying_ndef: return hostile_android_answer(command, lying_bundle);
  }
  return std::nullopt;
}

}  // namespace passgate::sim
