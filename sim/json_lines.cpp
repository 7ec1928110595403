// SPDX-License-Identifier: Apache-2.0
#include "sim/json_lines.h"

#include <cerrno>

namespace passgate::sim {

Result<JsonLines> JsonLines::append_to(const std::filesystem::path& path) {
  std::FILE* file = std::fopen(path.c_str(), "ae");
  if (file == nullptr) return fail(Errc::storage_unwritable, errno);
  return JsonLines(file, true);
}

JsonLines JsonLines::standard_output() {
  return JsonLines(stdout, false);
}

void JsonLines::operator()(const nlohmann::json& line) {
  if (!file_) return;
  auto text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text.push_back('\n');
  std::fwrite(text.data(), 1, text.size(), file_.get());
  std::fflush(file_.get());
}

}  // namespace passgate::sim
