// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passmint_calls.h"

#include <fmt/format.h>

#include "sync/http/url.h"
#include "sync/provider/json_reading.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kBytesPerPassmintPass = 16UL * 1024;
constexpr std::size_t kBytesPerEntry = 4096;
constexpr std::size_t kBytesOfTemplate = 1024UL * 1024;  // Its design comes along.
constexpr unsigned kEventsPerPage = 200;                 // The vendor's maximum.

HttpRequest get(const Passmint::Settings& settings, std::string url, std::size_t answer_limit) {
  HttpRequest request;
  request.url = std::move(url);
  request.headers = {{"Accept", "application/json"}};
  request.secret_headers = {{"Authorization", "Bearer ", &settings.api_key}};
  request.budget = settings.timeout;
  request.answer_limit = answer_limit;
  return request;
}

HttpRequest write(const Passmint::Settings& settings, std::string url, const Json& body) {
  auto request = get(settings, std::move(url), kBytesBesideRows + kBytesPerPassmintPass);
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = json_text(body);
  return request;
}

std::string starting_after(std::string_view after) {
  return after.empty() ? "" : "&starting_after=" + percent_encode(after);
}

}  // namespace

HttpRequest passmint_get_template(const Passmint::Settings& settings, std::string_view id) {
  return get(settings, fmt::format("{}/templates/{}", settings.base_url, percent_encode(id)),
             kBytesOfTemplate);
}

HttpRequest passmint_get_pass(const Passmint::Settings& settings, std::string_view id) {
  return get(settings, fmt::format("{}/passes/{}", settings.base_url, percent_encode(id)),
             kBytesBesideRows + kBytesPerPassmintPass);
}

HttpRequest passmint_list_passes(const Passmint::Settings& settings, std::string_view of_template,
                                 std::string_view after) {
  return get(settings,
             fmt::format("{}/passes?template_id={}&limit={}{}", settings.base_url,
                         percent_encode(of_template), settings.page_size, starting_after(after)),
             kBytesBesideRows + kBytesPerPassmintPass * settings.page_size);
}

HttpRequest passmint_list_events(const Passmint::Settings& settings, std::string_view of_template,
                                 std::string_view since, std::string_view after) {
  return get(settings,
             fmt::format("{}/events?since={}&template_id={}&limit={}{}", settings.base_url,
                         percent_encode(since), percent_encode(of_template), kEventsPerPage,
                         starting_after(after)),
             kBytesBesideRows + kBytesPerPassmintPass * kEventsPerPage);
}

HttpRequest passmint_list_redemptions(const Passmint::Settings& settings, std::string_view pass,
                                      unsigned limit, std::string_view after) {
  return get(settings,
             fmt::format("{}/passes/{}/redemptions?limit={}{}", settings.base_url,
                         percent_encode(pass), limit, starting_after(after)),
             kBytesBesideRows + kBytesPerEntry * limit);
}

HttpRequest passmint_patch_pass(const Passmint::Settings& settings, std::string_view id,
                                std::string key, const Json& body) {
  auto request =
      write(settings, fmt::format("{}/passes/{}", settings.base_url, percent_encode(id)), body);
  request.method = "PATCH";
  // Bare, as Passmint documents it, not the quoted string of the IETF draft.
  request.headers.emplace_back("Idempotency-Key", std::move(key));
  return request;
}

HttpRequest passmint_post_scan(const Passmint::Settings& settings, std::string_view code) {
  auto request = write(settings, settings.base_url + "/scan", Json{{"code", code}});
  request.method = "POST";
  request.secret_headers = {{"Authorization", "Bearer ", &settings.token}};
  return request;
}

std::string passmint_id(const RedemptionOrder& order) {
  if (!order.provider_id.empty()) return order.provider_id;
  return order.join == "id" ? order.pass_id : "";
}

std::optional<PassmintList> read_passmint_list(const HttpAnswer& answer) {
  if (answer.status != 200) return std::nullopt;
  auto json = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  const auto data = json.find("data");
  const auto more = json.find("has_more");
  if (data == json.end() || !data->is_array() || more == json.end() || !more->is_boolean()) {
    return std::nullopt;
  }
  return PassmintList{.items = std::move(*data), .has_more = more->get<bool>()};
}

}  // namespace passgate::sync
