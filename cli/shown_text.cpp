// SPDX-License-Identifier: Apache-2.0
#include "cli/shown_text.h"

namespace passgate::cli {

std::string shown_text(const nlohmann::json& object, const char* key, const char* otherwise) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return otherwise;
  std::string text = found->is_string() ? found->get<std::string>() : found->dump();
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F) c = '?';
  }
  return text;
}

}  // namespace passgate::cli
