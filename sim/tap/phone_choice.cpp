// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/phone_choice.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "apdu/recording.h"
#include "crypto/digest.h"
#include "sim/files.h"
#include "sim/tap/hostile_phone.h"
#include "sim/tap/recorded_phone.h"
#include "sim/tap/virtual_android.h"
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

/// An option that only one of the wallets has, and whether it was given.
using Foreign = std::pair<std::string_view, bool>;

std::expected<void, ChoiceError> refuse_foreign(std::initializer_list<Foreign> options,
                                                const std::string& wallet) {
  for (const auto& [option, given] : options) {
    if (given) return wrong(EX_USAGE, fmt::format("{} is not for --wallet {}", option, wallet));
  }
  return {};
}

PhoneState state_of(const PhoneChoice& choice) {
  if (choice.locked) return PhoneState::locked;
  return choice.choose ? PhoneState::choose : PhoneState::ready;
}

std::expected<IphoneOptions, ChoiceError> read_options(const PhoneChoice& choice) {
  IphoneOptions options;
  options.state = state_of(choice);
  options.tamper = choice.tamper;
  options.stamp_skew = std::chrono::seconds{choice.stamp_skew_s.value_or(0)};
  if (!choice.stamp.empty()) {
    const auto stamp = from_rfc3339(choice.stamp);
    if (!stamp) return wrong(EX_USAGE, "--stamp: not an RFC 3339 time");
    options.stamp = *stamp;
  }
  return options;
}

Made make_iphone(const PhoneChoice& choice, const Clock& clock) {
  const auto foreign = refuse_foreign({{"--collector-id", choice.collector_id.has_value()},
                                       {"--key-version", choice.key_version.has_value()},
                                       {"--object-type", !choice.object_type.empty()},
                                       {"--object-id", !choice.object_id.empty()},
                                       {"--pin", !choice.pin.empty()},
                                       {"--older", choice.older},
                                       {"--frame", choice.frame.has_value()}},
                                      choice.wallet);
  if (!foreign) return std::unexpected(foreign.error());
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

std::expected<GoogleObject, ChoiceError> read_object(const PhoneChoice& choice) {
  const auto kind = choice.object_type.empty() ? apdu::ObjectKind::generic
                                               : apdu::object_kind_from(choice.object_type);
  if (!kind || kind == apdu::ObjectKind::customer) {
    return wrong(EX_USAGE, fmt::format("--object-type {}: not a kind", choice.object_type));
  }
  GoogleObject object{.kind = *kind,
                      .collector = CollectorId(*choice.collector_id),
                      .service_number = choice.payload,
                      .pin = choice.pin};
  // The same pass has the same id, whoever makes it.
  const auto digest = crypto::sha256(bytes_of(choice.payload));
  std::copy_n(digest.begin(), object.id.size(), object.id.begin());
  if (choice.object_id.empty()) return object;
  const auto id = from_hex(choice.object_id);
  if (!id || id->size() != object.id.size()) {
    return wrong(EX_USAGE, "--object-id: not 16 hex digits");
  }
  std::ranges::copy(*id, object.id.begin());
  return object;
}

Made make_android(const PhoneChoice& choice) {
  const auto foreign = refuse_foreign({{"--pass-type-id", !choice.pass_type_id.empty()},
                                       {"--payload-hex", !choice.payload_hex.empty()},
                                       {"--stamp", !choice.stamp.empty()},
                                       {"--stamp-skew", choice.stamp_skew_s.has_value()}},
                                      choice.wallet);
  if (!foreign) return std::unexpected(foreign.error());
  // Also without a pass: a phone that does not know the collector says so instead.
  if (!choice.collector_id || choice.key_file.empty()) {
    return wrong(EX_USAGE, "a Google wallet needs --collector-id and --key");
  }
  std::vector<GoogleObject> objects;
  auto object = read_object(choice);
  if (!object) return std::unexpected(object.error());
  if (!choice.no_pass) objects.push_back(*std::move(object));

  const auto file = read_file(choice.key_file, kLargestFile);
  if (!file) return unreadable(choice.key_file, file.error());
  auto key = crypto::CollectorPublicKey::read(*file);
  if (!key) {
    return wrong(EX_DATAERR, fmt::format("{}: {}", choice.key_file, name(key.error().code())));
  }
  std::vector<KnownCollector> collectors;
  collectors.push_back(
      {CollectorId(*choice.collector_id), choice.key_version.value_or(1), *std::move(key)});
  AndroidOptions options{.state = state_of(choice), .older = choice.older, .tamper = choice.tamper};
  if (choice.frame) options.frame = *choice.frame;
  return std::make_unique<VirtualAndroid>(std::move(collectors), std::move(objects), options);
}

}  // namespace

std::expected<std::unique_ptr<Phone>, ChoiceError> make_phone(const PhoneChoice& choice,
                                                              std::size_t n, const Clock& clock) {
  if (!choice.replay_file.empty()) return make_recorded(choice.replay_file, n);
  if (!choice.hostile.empty()) return make_hostile(choice.hostile);
  return choice.wallet == "google" ? make_android(choice) : make_iphone(choice, clock);
}

}  // namespace passgate::sim
