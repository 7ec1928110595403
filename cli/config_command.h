// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace passgate::cli {

/// `passgate config check | show [--origin]`.
void add_config(CLI::App& app, int& exit_status);

}  // namespace passgate::cli
