// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/table_reader.h"

namespace passgate::runtime {

// One function a table: what it may hold, its defaults and its ranges.
// Problems go to `reading`; what is returned is complete either way.

TerminalConfig read_terminal(const Node& node, Reading& reading);
ReaderConfig read_reader(const Node& node, Reading& reading);
PassConfig read_pass(const Node& node, Reading& reading);
KeyboardConfig read_keyboard(const Node& node, Reading& reading);
ProviderConfig read_provider(const Node& node, Reading& reading);
SubscriberConfig read_subscriber(const Node& node, Reading& reading);

/// The whole tree, table by table.
Config read_config(const Node& root, Reading& reading);

/// What no single table shows: names that exist, names that are unique,
/// combinations that cannot work.
void check_config(const Config& config, std::vector<ConfigProblem>& problems);

}  // namespace passgate::runtime
