// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/phone_choice.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <utility>
#include <vector>

#include "apdu/recording.h"
#include "sim/files.h"
#include "sim/tap/hostile_phone.h"
#include "sim/tap/recorded_phone.h"
#include "sim/tap/virtual_iphone.h"

namespace passgate::sim {
namespace {

using Made = std::expected<std::unique_ptr<Phone>, ChoiceError>;

constexpr std::size_t kLargestFile = std::size_t{1} << 20;

std::unexpected<ChoiceError> wrong(int status, std::string message) {
  return std::unexpected(ChoiceError{status, std::move(message)});
}

std::unexpected<ChoiceError> unreadable(const std::string& path, const Error& error) {
  return wrong(EX_NOINPUT, fmt::format("{}: {}", path, name(error.code())));
}

Made make_recorded(const std::string& path, std::size_t n) {
  const auto text = read_file(path, kLargestFile);
  if (!text) return unreadable(path, text.error());
  const auto recording = apdu::parse_recording(text_of(text->expose()));
  if (!recording) {
    const auto& error = recording.error();
    return wrong(EX_DATAERR, fmt::format("{}:{}: {}", path, error.line, error.message));
  }
  if (recording->contacts.empty()) return wrong(EX_DATAERR, path + ": no contact recorded");
  const auto& contact = recording->contacts[n % recording->contacts.size()];
  return std::make_unique<RecordedPhone>(contact.script());
}

Made make_hostile(const std::string& kind) {
  const auto known = hostility_from(kind);
  if (!known) return wrong(EX_USAGE, fmt::format("--hostile {}: not a kind", kind));
  return std::make_unique<HostilePhone>(*known);
}

std::expected<IphoneOptions, ChoiceError> read_options(const PhoneChoice& choice) {
  IphoneOptions options;
  if (choice.locked) options.state = PhoneState::locked;
  if (choice.choose) options.state = PhoneState::choose;
  options.tamper = choice.tamper;
  options.stamp_skew = std::chrono::seconds{choice.stamp_skew_s};
  if (!choice.stamp.empty()) {
    const auto stamp = from_rfc3339(choice.stamp);
    if (!stamp) return wrong(EX_USAGE, "--stamp: not an RFC 3339 time");
    options.stamp = *stamp;
  }
  return options;
}

Made make_iphone(const PhoneChoice& choice, const Clock& clock) {
  auto options = read_options(choice);
  if (!options) return std::unexpected(options.error());
  std::vector<WalletPass> passes;
  if (!choice.no_pass) {
    if (choice.pass_type_id.empty() || choice.key_file.empty()) {
      return wrong(EX_USAGE, "a pass needs --pass-type-id and --key");
    }
    auto key = read_file(choice.key_file, kLargestFile);
    if (!key) return unreadable(choice.key_file, key.error());
    auto message = from_hex(choice.payload_hex);
    if (!message) return wrong(EX_USAGE, "--payload-hex: not hex");
    append(*message, bytes_of(choice.payload));
    passes.push_back({PassTypeId(choice.pass_type_id), std::move(*key), std::move(*message)});
  }
  return std::make_unique<VirtualIphone>(std::move(passes), *options, clock);
}

}  // namespace

std::expected<std::unique_ptr<Phone>, ChoiceError> make_phone(const PhoneChoice& choice,
                                                              std::size_t n, const Clock& clock) {
  if (!choice.replay_file.empty()) return make_recorded(choice.replay_file, n);
  if (!choice.hostile.empty()) return make_hostile(choice.hostile);
  return make_iphone(choice, clock);
}

}  // namespace passgate::sim
