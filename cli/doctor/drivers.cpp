// SPDX-License-Identifier: Apache-2.0
// What stands between pcscd and the readers, or between pcscd and us.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <system_error>

#include "apdu/pcsc/lamp_profile.h"
#include "cli/doctor/checks.h"

namespace passgate::cli::doctor {
namespace {

constexpr const char* kPolicy = "/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy";
constexpr const char* kRule = "/usr/share/polkit-1/rules.d/50-passgate.rules";
constexpr const char* kCcid = "/etc/libccid_Info.plist";
constexpr unsigned kEscapeAllowed = 0x0001;  // DRIVER_OPTION_CCID_EXCHANGE_AUTHORIZED
constexpr std::size_t kLargestPlist = std::size_t{1} << 20;

/// Kernel drivers that take USB readers for themselves, and which.
struct Rival {
  const char* module;
  const char* readers;
};
constexpr std::array kRivals{Rival{"pn533_usb", "ACR122U, SCL3711 and other PN533 readers"},
                             Rival{"port100", "Sony RC-S380"}};

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// The hexadecimal number behind the key, as libccid writes and reads it.
std::optional<unsigned> driver_options(const std::filesystem::path& plist) {
  std::ifstream file(plist, std::ios::binary);
  std::string text(kLargestPlist, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  const auto key = text.find("<key>ifdDriverOptions</key>");
  if (key == std::string::npos) return std::nullopt;
  const auto value = text.find("<string>0x", key);
  if (value == std::string::npos) return std::nullopt;
  const char* begin = text.data() + value + 10;
  unsigned options = 0;
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), options, 16);
  if (error != std::errc{} || *end != '<') return std::nullopt;
  return options;
}

/// A reader whose lamp needs escape commands through libccid; empty: none here.
std::string reader_with_lamp(const Subject& subject) {
  if (!subject.readers) return "";
  for (const std::string& reader : *subject.readers) {
    if (reader.starts_with("Passgate Virtual")) continue;  // Has a driver of its own.
    if (apdu::pcsc::lamp_profile(reader) != nullptr) return reader;
  }
  return "";
}

/// A USB interface that the driver has taken, as the kernel calls it: "1-1.2:1.0".
std::string taken_by(const std::filesystem::path& driver) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(driver, ignored)) {
    const std::string name = entry.path().filename();
    if (!name.empty() && name[0] >= '0' && name[0] <= '9') return name;
  }
  return "";
}

std::string banish(const char* module) {
  return fmt::format(
      "sudo cp /usr/share/doc/passgate/examples/passgate-pn533.conf /etc/modprobe.d/ && sudo "
      "modprobe -r {} && sudo systemctl restart pcscd",
      module);
}

}  // namespace

Findings check_polkit(const Subject& subject) {
  const std::string what = "polkit";
  if (!is_there(subject.at(kPolicy))) return {good(what, "this pcscd does not ask it")};
  if (is_there(subject.at(kRule))) return {good(what, "lets passgated use the readers")};
  return {broken(what, fmt::format("{} is missing: pcscd refuses passgated", kRule),
                 "sudo apt-get install --reinstall passgate")};
}

Findings check_escape(const Subject& subject) {
  const std::string what = "escape commands";
  const auto reader = reader_with_lamp(subject);
  if (reader.empty()) return {good(what, "no reader here needs them for its lamp")};
  const auto options = driver_options(subject.at(kCcid));
  if (!options) return {good(what, fmt::format("{} does not forbid them", kCcid))};
  if ((*options & kEscapeAllowed) != 0) return {good(what, "allowed by libccid")};
  return {worry(what, fmt::format("libccid forbids them: the lamp of {} may stay dark", reader),
                fmt::format("sudo sed -i '/<key>ifdDriverOptions</,/<string>/ "
                            "s/<string>0x[0-9A-Fa-f]*/<string>0x{:04X}/' {} && sudo systemctl "
                            "restart pcscd",
                            *options | kEscapeAllowed, kCcid))};
}

Findings check_pn533(const Subject& subject) {
  const std::string what = "kernel NFC drivers";
  Findings found;
  for (const auto& [module, readers] : kRivals) {
    if (!is_there(subject.at("/sys/module") / module)) continue;
    const auto taken = taken_by(subject.at("/sys/bus/usb/drivers") / module);
    if (taken.empty()) {
      found.push_back(
          worry(what, fmt::format("{} is loaded and will take {} from pcscd", module, readers),
                banish(module)));
    } else {
      found.push_back(
          broken(what, fmt::format("{} has taken the reader at USB {} from pcscd", module, taken),
                 banish(module)));
    }
  }
  if (found.empty()) found.push_back(good(what, "none that takes readers is loaded"));
  return found;
}

}  // namespace passgate::cli::doctor
