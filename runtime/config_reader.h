// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "runtime/table_reader.h"

namespace passgate::runtime {

// One function a table: what it may hold, its defaults and its ranges.
// Problems go to `reading`; what is returned is complete either way.

TerminalConfig read_terminal(const Node& node, Reading& reading);
ReaderConfig read_reader(const Node& node, Reading& reading);
PassConfig read_pass(const Node& node, Reading& reading);
ZoneConfig read_zone(const Node& node, Reading& reading);
OverrideConfig read_override(const Node& node, Reading& reading);
KeyboardConfig read_keyboard(const Node& node, Reading& reading);
ProviderConfig read_provider(const Node& node, Reading& reading);
SubscriberConfig read_subscriber(const Node& node, Reading& reading);
DecryptServiceConfig read_decrypt_service(const Node& node, Reading& reading);
HttpConfig read_http(const Node& node, Reading& reading);

/// `redeem` of a provider; one that is missing is read as an empty one.
/// @param kind  Of the provider; empty: unknown, so nothing is judged by it.
RedeemConfig read_redeem(TableReader table, std::string_view kind);
/// `webhook` of a provider.
WebhookConfig read_webhook(TableReader table, std::string_view kind);
/// `list` of a provider of kind passinstance.
ListConfig read_list(TableReader table);

/// The whole tree, table by table.
Config read_config(const Node& root, Reading& reading);

/// What no single table shows: names that exist, names that are unique,
/// combinations that cannot work.
void check_config(const Config& config, std::vector<ConfigProblem>& problems);
/// The part of it that is between providers and what leans on them.
/// @param judged  Names of the [[pass]] that some reader in gate mode judges.
void check_providers(const Config& config, const std::set<std::string>& judged,
                     std::vector<ConfigProblem>& problems);

}  // namespace passgate::runtime
