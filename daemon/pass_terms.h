// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "crypto/vas_key_ring.h"
#include "gate/decision.h"
#include "gate/pass_pattern.h"
#include "hid/typing_template.h"
#include "runtime/config.h"

namespace passgate::daemon {

/// One `[[pass]]`, ready for work: keys loaded, pattern compiled, template
/// parsed. Immutable; shared by const reference between reader threads.
struct PassTerms {
  std::string name;
  std::string provider;
  std::string pass_template;
  std::string signup_url;
  crypto::VasKeyRing apple_keys;
  gate::PassPattern pattern;
  hid::TypingTemplate type;
  gate::PassPolicy policy;
};

/// All passes of the configuration. The error is for a person and names the
/// line of the configuration that asks for the impossible.
/// @param credentials_dir  Where systemd put credentials; empty: nowhere.
std::expected<std::vector<PassTerms>, std::string> load_pass_terms(
    const runtime::Config& config, const std::filesystem::path& credentials_dir);

}  // namespace passgate::daemon
