// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apdu/smart_tap.h"
#include "apdu/smart_tap_object.h"
#include "crypto/smart_tap.h"
#include "crypto/vas_key_ring.h"
#include "daemon/remote_opener.h"
#include "gate/decision.h"
#include "gate/pass_pattern.h"
#include "hid/typing_template.h"
#include "runtime/config.h"

namespace passgate::daemon {

/// What a pass needs for Google Wallet.
struct GoogleTerms {
  crypto::CollectorKeys keys;
  std::vector<apdu::ServiceType> services;

  /// Whether an object of this kind can be this pass.
  bool accepts(apdu::ObjectKind kind) const;
};

/// What a pass needs for Apple's wallet when somebody else has its keys.
struct RemoteTerms {
  MerchantHash merchant;
  std::shared_ptr<const RemoteService> service;
};

/// One `[[pass]]`, ready for work: keys loaded, pattern compiled, template
/// parsed. Immutable; shared by const reference between reader threads.
struct PassTerms {
  std::string name;
  std::string provider;
  std::string pass_template;
  std::string signup_url;
  std::optional<crypto::VasKeyRing> apple_keys;  ///< This or apple_remote, google, or both.
  std::optional<RemoteTerms> apple_remote;
  std::optional<GoogleTerms> google;
  gate::PassPattern pattern;
  hid::TypingTemplate type;
  std::vector<std::string> display;  ///< Fields that may be shown to people.
  gate::PassPolicy policy;

  /// How Apple's wallet is asked for it; null: it is not.
  const MerchantHash* merchant() const noexcept;
};

/// The group of a pattern that says how many people come with the pass.
inline constexpr std::string_view kPartyGroup = "party";

/// What a typing template may use beside `pass_id` and the pattern's groups.
inline constexpr std::string_view kTapFields[] = {"payload", "template", "time"};
/// The same of a Google object; empty for an Apple pass.
inline constexpr std::string_view kObjectFields[] = {
    "object_id", "object_type", "issuer_id", "pin", "track1", "track2", "customer_id", "language"};

/// All passes of the configuration. The error is for a person and names the
/// line of the configuration that asks for the impossible.
/// @param credentials_dir  Where systemd put credentials; empty: nowhere.
std::expected<std::vector<PassTerms>, std::string> load_pass_terms(
    const runtime::Config& config, const std::filesystem::path& credentials_dir);

}  // namespace passgate::daemon
