// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passinstance_requests.h"

#include "sync/provider/redeem_template.h"

namespace passgate::sync {

PassinstanceNames passinstance_names(const RedemptionOrder& order) {
  PassinstanceNames names{order.pass_template, order.provider_id, ""};
  if (order.join == "serial") names.serial = order.pass_id;
  if (order.join == "id" && names.id.empty()) names.id = order.pass_id;
  return names;
}

std::optional<std::string> passinstance_path(std::string_view path,
                                             const PassinstanceNames& names) {
  const Placeholders values = {
      {"{template}", names.pass_template}, {"{id}", names.id}, {"{serial}", names.serial}};
  if (path.empty()) return std::nullopt;
  for (const auto& [name, value] : values) {
    if (value.empty() && path.contains(name)) return std::nullopt;
  }
  return expand_path(path, values);
}

HttpRequest passinstance_request(const Passinstance::Settings& settings, std::string method,
                                 std::string_view path) {
  HttpRequest request;
  request.method = std::move(method);
  request.url = settings.base_url + std::string(path);
  request.headers = {{"Accept", "application/json"}};
  if (settings.bearer) {
    request.secret_headers = {{"Authorization", "Bearer ", &settings.key}};
  } else {
    request.secret_headers = {{"X-API-Key", "", &settings.key}};
  }
  request.budget = settings.timeout;
  request.answer_limit = answer_limit_for(1);
  return request;
}

}  // namespace passgate::sync
