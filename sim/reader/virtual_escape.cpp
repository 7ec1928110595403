// SPDX-License-Identifier: Apache-2.0
// The escape commands of the virtual reader: those of the ACS family that
// passgate uses (docs/protocols/pcsc-readers.md section 3).
#include <algorithm>
#include <array>
#include <string>

#include "sim/reader/virtual_reader.h"

namespace passgate::sim {
namespace {

/// CM_IOCTL_GET_FEATURE_REQUEST (PC/SC part 10).
constexpr std::uint32_t kGetFeatures = 3400;
/// IOCTL_CCID_ESCAPE as the ACS driver numbers it.
constexpr std::uint32_t kEscape = 3500;
/// FEATURE_CCID_ESC_COMMAND, four bytes, SCARD_CTL_CODE(3500).
constexpr std::array<std::uint8_t, 6> kFeatures{0x13, 0x04, 0x42, 0x00, 0x0D, 0xAC};

constexpr std::size_t kHeader = 5;
constexpr std::uint8_t kBuzzer = 0x28;
constexpr std::uint8_t kLed = 0x29;

bool is_lamp_command(std::span<const std::uint8_t> c) {
  return c.size() == kHeader + 1 && c[0] == 0xE0 && c[1] == 0 && c[2] == 0 &&
         (c[3] == kBuzzer || c[3] == kLed) && c[4] == 1;
}

VirtualReader::Answer put(std::span<const std::uint8_t> bytes, std::span<std::uint8_t> into) {
  if (bytes.size() > into.size()) return {VirtualReader::Outcome::failed};
  std::ranges::copy(bytes, into.begin());
  return {VirtualReader::Outcome::done, bytes.size()};
}

}  // namespace

VirtualReader::Answer VirtualReader::control(std::uint32_t code,
                                             std::span<const std::uint8_t> command,
                                             std::span<std::uint8_t> answer) {
  read_faults();
  if (gone_) return {Outcome::gone};
  if (code == kGetFeatures) return put(kFeatures, answer);
  if (code != kEscape) return {Outcome::not_supported};
  record_escape(command);
  if (!is_lamp_command(command)) {
    constexpr std::array<std::uint8_t, 2> kUnknownCommand{0x63, 0x00};
    return put(kUnknownCommand, answer);
  }
  const std::array<std::uint8_t, 6> accepted{0xE1, 0, 0, 0, 1, command[kHeader]};
  return put(accepted, answer);
}

void VirtualReader::record_escape(std::span<const std::uint8_t> command) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string line;
  for (const std::uint8_t byte : command) {
    line += kDigits[byte >> 4];
    line += kDigits[byte & 0x0F];
  }
  line += '\n';
  [[maybe_unused]] const auto written = ::write(lamp_.get(), line.data(), line.size());
}

}  // namespace passgate::sim
