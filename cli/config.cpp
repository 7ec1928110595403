// SPDX-License-Identifier: Apache-2.0
#include "cli/config.h"

#include <sysexits.h>

#include <ostream>

#include "runtime/config.h"

namespace passgate::cli {
namespace {

int report(const std::filesystem::path& file, std::ostream& err) {
  const auto config = runtime::load_config(file);
  if (config) return EX_OK;
  for (const auto& problem : config.error()) err << problem.text() << '\n';
  return EX_CONFIG;
}

}  // namespace

int config_check(const std::filesystem::path& file, std::ostream& out, std::ostream& err) {
  const int status = report(file, err);
  if (status == EX_OK) out << "configuration is valid\n";
  return status;
}

int config_show(const std::filesystem::path& file, bool with_origin, std::ostream& out,
                std::ostream& err) {
  out << runtime::show_config(file, with_origin);
  return report(file, err);
}

}  // namespace passgate::cli
