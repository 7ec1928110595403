// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passninja_page.h"

#include <fmt/format.h>

#include "sync/http/url.h"
#include "sync/provider/json_reading.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

/// "Removed" says that the pass is in no wallet now: its holder cannot present
/// it, and may well install it again. It is not a refusal.
std::optional<gate::PassState> built_in_state(std::string_view word) {
  if (word == "Active" || word == "Removed") return gate::PassState::valid;
  if (word == "Expired") return gate::PassState::expired;
  if (word == "N/A") return gate::PassState::unknown;
  return std::nullopt;
}

std::optional<gate::PassState> state_of(const std::string& word, const StatusMap& status_map) {
  const auto mapped = status_map.find(word);
  return mapped != status_map.end() ? mapped->second : built_in_state(word);
}

std::string name_in(const Json& pass, const char* member) {
  const auto* text = text_in(pass, member);
  return text == nullptr || text->size() > kLongestId ? std::string() : *text;
}

/// False when `pass` is not what the documentation says a row is.
bool add_row(const Json& pass, const ProviderTemplate& of, const StatusMap& status_map,
             PassNinjaPage& page) {
  if (!pass.is_object()) return false;
  PassNinjaPage::Row row{name_in(pass, "id"), name_in(pass, "serialNumber"), {}};
  const auto& join = of.join == "serial" ? row.serial : row.id;
  const auto* status = text_in(pass, "status");
  if (join.empty() || status == nullptr) return false;
  const auto state = state_of(*status, status_map);
  if (!state) ++page.unmapped;
  row.mirror.join_value = join;
  if (row.id != join) row.mirror.provider_id = row.id;
  row.mirror.state = state.value_or(gate::PassState::unknown);
  page.rows.push_back(std::move(row));
  return true;
}

}  // namespace

HttpRequest passninja_list(const PassNinja::Settings& settings, const ProviderTemplate& of,
                           std::size_t page, std::string_view more) {
  HttpRequest request;
  request.url = fmt::format("{}/passes/{}?page={}&per_page={}{}", settings.base_url,
                            percent_encode(of.pass_template), page, settings.page_size, more);
  request.headers = {{"Accept", "application/json"}, {"X-ACCOUNT-ID", settings.account_id}};
  request.secret_headers = {{"X-API-KEY", "", &settings.api_key}};
  request.budget = settings.timeout;
  request.answer_limit = answer_limit_for(settings.page_size);
  return request;
}

std::optional<PassNinjaPage> passninja_page(const std::string& body, const ProviderTemplate& of,
                                            const StatusMap& status_map) {
  const auto json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  const auto passes = json.find("passes");
  const auto meta = json.find("meta");
  if (passes == json.end() || !passes->is_array() || meta == json.end() || !meta->is_object()) {
    return std::nullopt;
  }
  const auto number = count_in(*meta, "current_page");
  const auto pages = count_in(*meta, "total_pages");
  const auto total = count_in(*meta, "total_count");
  if (!number || !pages || !total) return std::nullopt;
  PassNinjaPage page{*number, *pages, *total, 0, {}};
  page.rows.reserve(passes->size());
  for (const auto& pass : *passes) {
    if (!add_row(pass, of, status_map, page)) return std::nullopt;
  }
  return page;
}

}  // namespace passgate::sync
