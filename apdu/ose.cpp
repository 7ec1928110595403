// SPDX-License-Identifier: Apache-2.0
#include "apdu/ose.h"

#include <algorithm>

namespace passgate::apdu {
namespace {

constexpr std::string_view kOse = "OSE.VAS.01";  // the AID, in ASCII
constexpr std::size_t kMaxLabel = 32;            // of a stranger; it ends up in a log line
constexpr Tag kFci = 0x6F;
constexpr Tag kLabel = 0x50;

std::string printable(ByteView label) {
  std::string text;
  for (const auto byte : label.first(std::min(label.size(), kMaxLabel))) {
    text += byte >= 0x20 && byte < 0x7F ? static_cast<char>(byte) : '?';
  }
  return text;
}

}  // namespace

CommandApdu select_ose() {
  return CommandApdu::case4(0x00, 0xA4, 0x04, 0x00, bytes_of(kOse), kWholeAnswer);
}

Result<OseAnswer> OseAnswer::parse(ByteView data) {
  const auto top = TlvList::parse(data);
  if (!top) return std::unexpected(top.error());
  auto fci = top->inside(kFci);
  if (!fci) return std::unexpected(fci.error());
  std::string label = printable(fci->find(kLabel).value_or(ByteView{}));
  return OseAnswer{.fci = std::move(*fci), .label = std::move(label)};
}

}  // namespace passgate::apdu
