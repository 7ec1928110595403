// SPDX-License-Identifier: Apache-2.0
#include "sync/service/http_message.h"

#include <algorithm>

namespace passgate::sync {

namespace {

const std::string* first_of(const std::vector<std::pair<std::string, std::string>>& all,
                            std::string_view name) {
  const auto found = std::ranges::find(all, name, [](const auto& one) { return one.first; });
  return found == all.end() ? nullptr : &found->second;
}

}  // namespace

const std::string* HttpAsk::header(std::string_view name) const {
  return first_of(headers, name);
}

const std::string* HttpAsk::parameter(std::string_view name) const {
  return first_of(query, name);
}

}  // namespace passgate::sync
