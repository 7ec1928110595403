// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passworks_calls.h"

#include <fmt/format.h>

#include <charconv>

#include "sync/http/retry_after.h"
#include "sync/http/url.h"
#include "sync/provider/json_reading.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kBytesPerPassworksPass = 16UL * 1024;

std::optional<std::size_t> page_number(std::string_view text) {
  std::size_t page = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), page);
  const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return whole ? std::optional(page) : std::nullopt;
}

}  // namespace

PassworksCalls::PassworksCalls(const Passworks::Settings& settings, std::string_view of_template)
    : settings_(settings) {
  const auto slash = of_template.find('/');
  const auto type = of_template.substr(0, slash);
  const auto campaign =
      slash == std::string_view::npos ? std::string_view{} : of_template.substr(slash + 1);
  campaign_ = settings.base_url + "/" + percent_encode(type) + "/" + percent_encode(campaign);
}

HttpRequest PassworksCalls::get(std::string_view below, std::size_t answer_limit) const {
  HttpRequest request;
  request.url = fmt::format("{}/{}", campaign_, below);
  request.headers = {{"Accept", "application/json"}};
  request.secret_headers = {{"Authorization", "Basic ", &settings_.credentials}};
  request.budget = settings_.timeout;
  request.answer_limit = answer_limit;
  return request;
}

HttpRequest PassworksCalls::post(std::string_view below, const Json& body) const {
  auto request = get(below, kBytesBesideRows + kBytesPerPassworksPass);
  request.method = "POST";
  // What the vendor answers to a write is not documented: the status counts.
  request.keep_body = false;
  request.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
  request.body = json_text(body);
  return request;
}

HttpRequest PassworksCalls::list(std::size_t page, std::string_view updated_since) const {
  auto below = fmt::format("passes?page={}&per_page={}", page, settings_.page_size);
  if (!updated_since.empty()) {
    below += fmt::format("&q%5Bupdated_at_gteq%5D={}&q%5Bs%5D=updated_at+asc",
                         percent_encode(updated_since));
  }
  return get(below, kBytesBesideRows + kBytesPerPassworksPass * settings_.page_size);
}

HttpRequest PassworksCalls::pass(std::string_view id) const {
  return get("passes/" + percent_encode(id), kBytesBesideRows + kBytesPerPassworksPass);
}

HttpRequest PassworksCalls::by_code(std::string_view code) const {
  return get("redeem/" + percent_encode(code), kBytesBesideRows + kBytesPerPassworksPass);
}

HttpRequest PassworksCalls::redemptions(std::string_view id, std::size_t page) const {
  return get(fmt::format("passes/{}/redeems?page={}&per_page=50", percent_encode(id), page),
             kBytesBesideRows + kBytesPerPassworksPass * 50);
}

HttpRequest PassworksCalls::redeem(std::string_view id, std::string_view comment) const {
  return post(fmt::format("passes/{}/redeem", percent_encode(id)),
              Json{{"pass", {{"comment", comment}}}});
}

HttpRequest PassworksCalls::redeem_code(std::string_view code, std::string_view comment) const {
  return post("redeem", Json{{"pass", {{"redeem_code", code}, {"comment", comment}}}});
}

HttpRequest PassworksCalls::reset(std::string_view id) const {
  return post(fmt::format("passes/{}/reset_redeem", percent_encode(id)), Json::object());
}

std::optional<Failure> passworks_failure(const HttpAnswer& answer, WallTime now) {
  // The vendor's own client knows 420 beside 429's absence: slow down.
  if (answer.status == 420) {
    return Failure{Remedy::retry, Error(Errc::rate_limited, 420), retry_after(answer, now)};
  }
  return failure_of(answer, now);
}

std::optional<PassworksNext> next_page(const HttpAnswer& answer) {
  const auto header = answer.header("x-next-page");
  PassworksNext next{.told = header || answer.header("x-total"), .page = std::nullopt};
  if (!header || header->empty()) return next;
  next.page = page_number(*header);
  return next.page ? std::optional(next) : std::nullopt;
}

}  // namespace passgate::sync
