// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>

#include "runtime/config.h"
#include "sync/http/http_client.h"
#include "sync/provider/passmint_pairing.h"

namespace passgate::sync {

/// Whether uses go to this provider as scans of a scanner that is to be paired
/// with it first, once.
bool needs_pairing(const runtime::ProviderConfig& provider);

/// What an earlier pairing left in the state folder (mode 0600).
/// Errors: secret_unreadable, secret_too_open, bad_value.
Result<PassmintPairing> read_pairing(const runtime::TerminalConfig& terminal,
                                     const std::string& provider);

/// Pairs: gives the provider the one-time code of its dashboard and keeps the
/// token it answers with. An earlier pairing is replaced.
/// @return The name the provider gave the scanner, or a sentence for the operator.
std::expected<std::string, std::string> pair(const runtime::Config& config,
                                             const std::string& provider, const SecretBytes& code,
                                             HttpClient& http);

}  // namespace passgate::sync
