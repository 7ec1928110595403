// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <iosfwd>

namespace passgate::cli {

/// `passgate config check`: exit status 0 with "configuration is valid" on
/// `out`, or 78 (EX_CONFIG) with one problem a line on `err`.
int config_check(const std::filesystem::path& file, std::ostream& out, std::ostream& err);

/// `passgate config show [--origin]`: the effective configuration as TOML on
/// `out`. With problems, also what `config_check` would say, and 78.
int config_show(const std::filesystem::path& file, bool with_origin, std::ostream& out,
                std::ostream& err);

}  // namespace passgate::cli
