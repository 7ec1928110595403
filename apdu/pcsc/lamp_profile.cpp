// SPDX-License-Identifier: Apache-2.0
#include "apdu/pcsc/lamp_profile.h"

#include <fnmatch.h>

namespace passgate::apdu::pcsc {
namespace {

// ACS escape format: E0 00 00 <command> 01 <value>; accepted with E1 00 00 00.
constexpr LampCommand acs_led(std::uint8_t lights) {
  return {6, {0xE0, 0x00, 0x00, 0x29, 0x01, lights}};
}
/// @param duration  In units of 10 ms; FF means "on" on some models, so not FF.
constexpr LampCommand acs_buzzer(std::uint8_t duration) {
  return {6, {0xE0, 0x00, 0x00, 0x28, 0x01, duration}};
}
constexpr std::array<std::uint8_t, 4> kAcsAccepted{0xE1, 0x00, 0x00, 0x00};

constexpr std::uint8_t kShortBeep = 10;
constexpr std::uint8_t kMiddleBeep = 20;
constexpr std::uint8_t kLongBeep = 50;

// ACR1251, ACR1252, ACR1255, ACR1281: bit 0 red, bit 1 green.
constexpr std::array kRedGreenAdmit{acs_led(0x02), acs_buzzer(kShortBeep)};
constexpr std::array kRedGreenDeny{acs_led(0x01), acs_buzzer(kLongBeep)};
constexpr std::array kRedGreenAttention{acs_led(0x03), acs_buzzer(kMiddleBeep)};
// Nobody goes through, as with a refusal, so its beep; but no red: it is not the
// guest's doing.
constexpr std::array kRedGreenFault{acs_led(0x03), acs_buzzer(kLongBeep)};
constexpr std::array kAcsIdle{acs_led(0x00)};

// ACR1552: bit 0 blue, bit 1 green. It has no red, so a refusal is blue.
constexpr std::array kBlueGreenDeny{acs_led(0x01), acs_buzzer(kLongBeep)};

// ACR122U: FF 00 40 <lights> 04 <on> <off> <times> <buzzer>, times in 100 ms;
// lights: 01 red on, 02 green on, 04 set red, 08 set green; buzzer: 01 while on.
constexpr LampCommand acr122(std::uint8_t lights, std::uint8_t on, std::uint8_t off,
                             std::uint8_t times) {
  const auto buzzer = static_cast<std::uint8_t>(times == 0 ? 0 : 1);
  return {9, {0xFF, 0x00, 0x40, lights, 0x04, on, off, times, buzzer}};
}
constexpr std::array<std::uint8_t, 1> kAcr122Accepted{0x90};
constexpr std::array kAcr122Admit{acr122(0x0E, 1, 0, 1)};
constexpr std::array kAcr122Deny{acr122(0x0D, 5, 0, 1)};
constexpr std::array kAcr122Attention{acr122(0x0F, 1, 1, 2)};
constexpr std::array kAcr122Fault{acr122(0x0F, 5, 0, 1)};
constexpr std::array kAcr122Idle{acr122(0x0C, 0, 0, 0)};

using Commands = std::array<std::span<const LampCommand>, 5>;
constexpr Commands kRedGreen{kRedGreenAdmit, kRedGreenDeny, kRedGreenAttention, kRedGreenFault,
                             kAcsIdle};
constexpr Commands kBlueGreen{kRedGreenAdmit, kBlueGreenDeny, kRedGreenAttention, kRedGreenFault,
                              kAcsIdle};
constexpr Commands kAcr122{kAcr122Admit, kAcr122Deny, kAcr122Attention, kAcr122Fault, kAcr122Idle};

// The first match counts.
constexpr std::array kProfiles{
    LampProfile{"ACS ACR122*", kAcr122, kAcr122Accepted},
    LampProfile{"ACS ACR1251*", kRedGreen, kAcsAccepted},
    LampProfile{"ACS AC[MR]1252*", kRedGreen, kAcsAccepted},
    LampProfile{"ACS ACR1255*", kRedGreen, kAcsAccepted},
    LampProfile{"ACS ACR1281*", kRedGreen, kAcsAccepted},
    LampProfile{"ACS ACR1552*", kBlueGreen, kAcsAccepted},
    LampProfile{"Passgate Virtual Reader*", kRedGreen, kAcsAccepted},
};

}  // namespace

const LampProfile* lamp_profile(const std::string& reader) noexcept {
  for (const LampProfile& profile : kProfiles) {
    if (::fnmatch(profile.match, reader.c_str(), 0) == 0) return &profile;
  }
  return nullptr;
}

std::span<const LampCommand> commands_for(const LampProfile& profile, Signal signal) noexcept {
  return profile.commands[static_cast<std::size_t>(signal)];
}

}  // namespace passgate::apdu::pcsc
