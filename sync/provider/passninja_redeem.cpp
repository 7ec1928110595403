// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passninja_redeem.h"

#include "sync/http/url.h"
#include "sync/provider/json_reading.h"
#include "sync/provider/passninja_errors.h"
#include "sync/provider/redeem_template.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestAnswer = 64UL * 1024;

HttpRequest to_pass(const PassNinja::Settings& settings, const RedemptionOrder& order,
                    std::string method) {
  const auto& id = order.provider_id.empty() ? order.pass_id : order.provider_id;
  HttpRequest request;
  request.method = std::move(method);
  request.url = settings.base_url + "/passes/" + percent_encode(order.pass_template) + "/" +
                percent_encode(id);
  request.headers = {{"Accept", "application/json"}, {"X-ACCOUNT-ID", settings.account_id}};
  request.secret_headers = {{"X-API-KEY", "", &settings.api_key}};
  request.budget = settings.timeout;
  request.keep_body = request.method != "GET";  // A read is only ever harmless here.
  request.answer_limit = kLongestAnswer;
  return request;
}

HttpRequest as_reader(const PassNinja::Settings& settings, std::string method,
                      std::string_view path) {
  HttpRequest request;
  request.method = std::move(method);
  request.url = settings.base_url + std::string(path);
  request.headers = {{"Accept", "application/json"}};
  request.secret_headers = {{"Authorization", "Bearer ", &settings.reader_token}};
  request.budget = settings.timeout;
  request.keep_body = request.method != "GET";
  request.answer_limit = kLongestAnswer;
  return request;
}

HttpRequest with_json(HttpRequest request, const Json& body) {
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = json_text(body);
  return request;
}

HttpRequest scan_of(const PassNinja::Settings& settings, const RedemptionOrder& order) {
  return with_json(as_reader(settings, "POST", "/scans"),
                   {{"scanType", "nfc"},
                    {"platform", order.wallet.empty() ? "apple" : order.wallet},
                    {"message", expand_redeem_template(settings.scan_message, order)},
                    {"scannedAt", to_rfc3339(order.at)}});
}

Json expanded(const std::map<std::string, std::string>& fields, const RedemptionOrder& order) {
  Json values = Json::object();
  for (const auto& [name, value] : fields) values[name] = expand_redeem_template(value, order);
  return values;
}

}  // namespace

PassNinjaPatch::PassNinjaPatch(const PassNinja::Settings& settings, const RedemptionOrder& order,
                               const std::map<std::string, std::string>& fields)
    : request_(with_json(to_pass(settings, order, "PATCH"), {{"pass", expanded(fields, order)}})) {}

RedeemStep PassNinjaPatch::take(const Result<HttpAnswer>& answer, WallTime now) {
  if (!answer) return failure_of(answer.error());
  if (auto failure = passninja_failure_of(*answer, now)) return *failure;
  return Recorded{};
}

RedeemStep PassNinjaOnce::take(const Result<HttpAnswer>& answer, WallTime now) {
  if (taking_back_) return *taking_back_;
  if (!answer) return failure_of(answer.error());  // It may have arrived: the memo stands.
  auto verdict = judge(*answer, now);
  const auto* failure = std::get_if<Failure>(&verdict.step);
  // What an earlier session left open is not cleared up by this one's refusal.
  if (failure == nullptr || !verdict.no_effect || sent_before_) return verdict.step;
  taking_back_ = *failure;
  return Send{harmless_, ""};
}

PassNinjaOnce::Verdict PassNinjaOnce::refusal(const Failure& failure, int status) {
  // After 408 and 5xx a gateway may have spoken for a server that has acted.
  return {failure, status < 500 && status != 408};
}

PassNinjaScan::PassNinjaScan(const PassNinja::Settings& settings, const RedemptionOrder& order,
                             std::string_view memo)
    : PassNinjaOnce(scan_of(settings, order), as_reader(settings, "GET", "/readers/self/config"),
                    memo) {}

PassNinjaOnce::Verdict PassNinjaScan::judge(const HttpAnswer& answer, WallTime now) const {
  if (auto failure = passninja_failure_of(answer, now)) return refusal(*failure, answer.status);
  const auto json = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  const auto* result = json.is_object() ? text_in(json, "result") : nullptr;
  if (result == nullptr) return {Failure{}};
  if (*result == "accepted") return {Recorded{.certain = !sent_before_}};
  // What is replayed is then most likely the scan whose answer was lost.
  if (*result == "rejected_replay" && sent_before_) return {Recorded{}};
  const bool known = *result == "rejected_inactive" || *result == "rejected_replay" ||
                     *result == "rejected_by_app" || *result == "unresolved";
  return {Failure{Remedy::give_up, Error(Errc::rejected, answer.status), std::nullopt}, known};
}

PassNinjaRemove::PassNinjaRemove(const PassNinja::Settings& settings, const RedemptionOrder& order,
                                 std::string_view memo)
    : PassNinjaOnce(to_pass(settings, order, "DELETE"), to_pass(settings, order, "GET"), memo) {}

PassNinjaOnce::Verdict PassNinjaRemove::judge(const HttpAnswer& answer, WallTime now) const {
  if (answer.status == 404 && sent_before_) return {Recorded{}};  // Gone, by our own hand.
  if (auto failure = passninja_failure_of(answer, now)) return refusal(*failure, answer.status);
  return {Recorded{}};
}

}  // namespace passgate::sync
