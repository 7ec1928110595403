// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace passgate::cli {

/// `passgate metrics`: what passgate-syncd counts, as Prometheus text, e.g. for
/// node_exporter's textfile collector. Exit status 69 when it does not answer.
void add_metrics(CLI::App& app, int& exit_status);

}  // namespace passgate::cli
