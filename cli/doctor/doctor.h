// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include "cli/doctor/finding.h"
#include "cli/doctor/subject.h"

namespace passgate::cli::doctor {

/// `passgate doctor [--json] [--pass FILE]`: what is in the way of taps, and the
/// command that mends it. Exit status 0 when nothing fails, 69 when something
/// does, 78 when the configuration cannot be read.
void add_doctor(CLI::App& app, int& exit_status);

/// Every check, in the order in which one thing depends on the other.
Findings examine(const Subject& subject);

}  // namespace passgate::cli::doctor
