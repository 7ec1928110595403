// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passmint_pairing.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sync/http/url.h"
#include "sync/provider/pass_reading.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestToken = 4096;
constexpr std::size_t kLongestPairing = 64UL * 1024;

void wipe_text(std::string& text) {
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

/// What a header may carry: anything else would be another header, or none.
bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= kLongestToken &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// Moves the token out of `json`. Absent: a part is missing or no such thing.
std::optional<PassmintPairing> taken_from(Json& json, const Json* name, const Json* device) {
  if (!json.is_object() || name == nullptr || device == nullptr) return std::nullopt;
  const auto it = json.find("token");
  auto* token = it == json.end() ? nullptr : it->get_ptr<std::string*>();
  if (token == nullptr) return std::nullopt;
  PassmintPairing pairing;
  const bool good = is_token(*token) && name->is_string() && device->is_string();
  if (good) {
    pairing.name = name->get<std::string>();
    pairing.device = device->get<std::string>();
  }
  pairing.token =
      SecretBytes::take({reinterpret_cast<std::uint8_t*>(token->data()), token->size()});
  const auto fits = [](const std::string& text) {
    return !text.empty() && text.size() <= kLongestId;
  };
  if (!good || !fits(pairing.name) || !fits(pairing.device)) return std::nullopt;
  return pairing;
}

}  // namespace

HttpRequest passmint_pair_request(std::string_view base_url, std::string_view code,
                                  Milliseconds budget) {
  HttpRequest request;
  request.method = "POST";
  request.url = without_trailing_slash(base_url);
  if (!request.url.ends_with("/v1")) request.url += "/v1";
  request.url += "/scanners/pair";
  request.headers = {{"Accept", "application/json"}, {"Content-Type", "application/json"}};
  request.body = json_text({{"code", code}});
  request.budget = budget;
  request.answer_limit = kLongestPairing;
  return request;
}

Result<PassmintPairing> read_passmint_pairing(HttpAnswer answer) {
  auto json = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  wipe_text(answer.body);
  if (answer.status == 429) return fail(Errc::rate_limited, answer.status);
  if (answer.status < 200 || answer.status > 299) return fail(Errc::rejected, answer.status);
  auto pairing = taken_from(json, value_at(json, "/device/name"), value_at(json, "/device/id"));
  if (!pairing) return fail(Errc::bad_reply, answer.status);
  return std::move(*pairing);
}

SecretBytes stored_text(const PassmintPairing& pairing) {
  // Written around the token: a JSON object would keep copies of it. A token
  // has no characters but those that JSON shows as they are, save two.
  std::string text = json_text({{"scanner_name", pairing.name}, {"device", pairing.device}});
  const auto token = text_of(pairing.token.expose());
  const auto escapes = [](char c) { return c == '"' || c == '\\'; };
  const auto more = static_cast<std::size_t>(std::ranges::count_if(token, escapes));
  static constexpr std::string_view kBefore = R"(,"token":")";
  static constexpr std::string_view kBehind = "\"}\n";
  text.pop_back();
  SecretBytes stored(text.size() + kBefore.size() + token.size() + more + kBehind.size());
  auto at = std::ranges::copy(bytes_of(text), stored.writable().begin()).out;
  at = std::ranges::copy(bytes_of(kBefore), at).out;
  for (const char c : token) {
    if (escapes(c)) *at++ = '\\';
    *at++ = static_cast<std::uint8_t>(c);
  }
  std::ranges::copy(bytes_of(kBehind), at);
  return stored;
}

Result<PassmintPairing> read_stored_pairing(ByteView text) {
  if (text.size() > kLongestPairing) return fail(Errc::bad_value);
  auto json = Json::parse(text_of(text), nullptr, /*allow_exceptions=*/false);
  auto pairing = taken_from(json, value_at(json, "/scanner_name"), value_at(json, "/device"));
  if (!pairing) return fail(Errc::bad_value);
  return std::move(*pairing);
}

}  // namespace passgate::sync
