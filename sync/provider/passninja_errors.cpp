// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passninja_errors.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "sync/provider/json_reading.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestError = 64UL * 1024;

struct Documented {
  std::string_view code;
  int status;
};
constexpr std::array<Documented, 9> kDocumented = {{{"UA1", 401},
                                                    {"MP1", 402},
                                                    {"UA2", 403},
                                                    {"RL1", 429},
                                                    {"MR1", 404},
                                                    {"MR2", 404},
                                                    {"MI1", 400},
                                                    {"IP1", 400},
                                                    {"GE77", 500}}};

/// {"code":…} beside {"error":"text"} or {"msg":"text"}, or within {"error":{…}}.
std::string_view code_in(const Json& body) {
  if (!body.is_object()) return {};
  if (const auto* code = text_in(body, "code")) return *code;
  const auto error = body.find("error");
  if (error == body.end() || !error->is_object()) return {};
  const auto* code = text_in(*error, "code");
  return code == nullptr ? std::string_view() : *code;
}

/// The documented status that stands for this answer's own.
int meaning_of(const HttpAnswer& answer) {
  const auto own = std::ranges::find(kDocumented, answer.status, &Documented::status);
  const bool clear = answer.status >= 500 || own != kDocumented.end();
  if (clear || answer.body.size() > kLongestError) return answer.status;
  const auto body = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  const auto known = std::ranges::find(kDocumented, code_in(body), &Documented::code);
  return known == kDocumented.end() ? answer.status : known->status;
}

}  // namespace

std::optional<Failure> passninja_failure_of(const HttpAnswer& answer, WallTime now) {
  auto failure = failure_of(answer, now);
  if (!failure) return std::nullopt;
  const int meaning = meaning_of(answer);
  if (meaning == answer.status) return failure;
  failure->remedy =
      failure_of(HttpAnswer{.status = meaning, .body = {}, .headers = {}}, now)->remedy;
  failure->error = Error(meaning == 429 ? Errc::rate_limited : Errc::rejected, answer.status);
  return failure;
}

}  // namespace passgate::sync
