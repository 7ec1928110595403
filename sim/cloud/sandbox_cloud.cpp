// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/sandbox_cloud.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "sim/cloud/book_state.h"
#include "sim/cloud/passninja_api.h"

namespace passgate::sim {
namespace {

using nlohmann::json;

HttpResponse to_response(const ApiAnswer& answer) {
  HttpResponse response;
  response.status = answer.status;
  response.body = answer.body.dump(-1, ' ', false, json::error_handler_t::replace);
  response.headers = answer.headers;
  return response;
}

/// Answers that never reach the API: the request has no effect.
bool stops_before(const Meeting& meeting) noexcept {
  return meeting.fault && (meeting.fault->kind == FaultKind::status ||
                           meeting.fault->kind == FaultKind::drop_before);
}

/// What the fault does to the answer on its way out.
void spoil(HttpResponse& response, const Meeting& meeting) {
  response.delay = meeting.delay;
  if (!meeting.fault) return;
  switch (meeting.fault->kind) {
    case FaultKind::status:
      if (meeting.fault->retry_after) {
        response.headers.emplace_back("Retry-After", fmt::to_string(*meeting.fault->retry_after));
      }
      break;
    case FaultKind::drop_before:
    case FaultKind::drop_after: response.delivery = Delivery::none; break;
    case FaultKind::html:
      response.status = 200;
      response.content_type = "text/html";
      response.body = "<!doctype html><title>Maintenance</title><p>We will be back soon.</p>";
      break;
    case FaultKind::cut_off: response.delivery = Delivery::cut_off; break;
    case FaultKind::half_json: response.body.resize(response.body.size() / 2); break;
    case FaultKind::slow:
    case FaultKind::same_page:
    case FaultKind::changing_total: break;
  }
}

/// The names of the fields that a body writes, wherever its vendor has them.
json field_names(const std::string& text) {
  json names = json::array();
  const json body = json::parse(text, nullptr, false);
  if (!body.is_object()) return names;
  for (const auto* member : {"pass", "field_values", "metadata", "fields", "customFields"}) {
    const auto found = body.find(member);
    if (found == body.end() || !found->is_object()) continue;
    for (const auto& [key, value] : found->items()) names.push_back(key);
  }
  return names;
}

std::unique_ptr<CloudApi> passninja(CloudOptions options, PassBook& book, const Clock& clock) {
  options.kind = "passninja";
  return std::move(*make_cloud_api(std::move(options), book, clock));
}

}  // namespace

SandboxCloud::SandboxCloud(CloudOptions options, PassBook book, FaultPlan faults, JsonLines log,
                           const Clock& clock)
    : book_(std::make_unique<PassBook>(std::move(book))),
      faults_(std::move(faults)),
      log_(std::move(log)),
      clock_(clock),
      bucket_(options.requests_per_s) {
  api_ = passninja(std::move(options), *book_, clock);
}

SandboxCloud::SandboxCloud(std::unique_ptr<PassBook> book, std::unique_ptr<CloudApi> api,
                           double requests_per_s, FaultPlan faults, JsonLines log,
                           const Clock& clock)
    : book_(std::move(book)),
      api_(std::move(api)),
      faults_(std::move(faults)),
      log_(std::move(log)),
      clock_(clock),
      bucket_(requests_per_s) {}

HttpResponse SandboxCloud::answer(const HttpRequest& request) {
  const auto& path = request.target.segments;
  if (!path.empty() && path[0] == "_sim") return control(request);
  ++requests_;
  const Meeting meeting = faults_.meet(request.method, api_->lists(request));
  ApiAnswer answer;
  unsigned wait_s = 0;
  if (stops_before(meeting)) {
    answer = api_->failing(static_cast<int>(meeting.fault->value));
  } else {
    wait_s = bucket_.take(clock_.monotonic());
    answer = wait_s > 0 ? api_->failing(429) : ask(request, meeting);
  }
  HttpResponse response = to_response(answer);
  if (wait_s > 0) response.headers.emplace_back("Retry-After", fmt::to_string(wait_s));
  tell_rate(response);
  spoil(response, meeting);
  record(request, response, meeting, answer.code);
  return response;
}

ApiAnswer SandboxCloud::ask(const HttpRequest& request, const Meeting& meeting) {
  if (auto refusal = api_->admit(request); refusal.status != 200) return refusal;
  ListQuirks quirks;
  if (meeting.fault && meeting.fault->kind == FaultKind::same_page) quirks.same_page = true;
  if (meeting.fault && meeting.fault->kind == FaultKind::changing_total) ++extra_total_;
  quirks.extra_total = extra_total_;
  ApiAnswer answer = api_->answer(request, quirks);
  book_->settle(to_rfc3339_ms(clock_.now()));
  for (auto& push : api_->take_pushes()) {
    if (sink_) sink_(std::move(push));
  }
  return answer;
}

void SandboxCloud::tell_rate(HttpResponse& response) {
  if (!bucket_.limits() || !api_->tells_rate()) return;
  const auto now = clock_.monotonic();
  const auto unix_s = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch();
  const auto reset = static_cast<std::uint64_t>(unix_s.count()) + bucket_.full_in_s(now);
  response.headers.emplace_back("X-RateLimit-Limit", fmt::to_string(bucket_.limit()));
  response.headers.emplace_back("X-RateLimit-Remaining", fmt::to_string(bucket_.remaining(now)));
  response.headers.emplace_back("X-RateLimit-Reset", fmt::to_string(reset));
}

/// Names of fields, not their values: the log shows what was written, `/_sim/state`
/// what it says.
void SandboxCloud::record(const HttpRequest& request, const HttpResponse& response,
                          const Meeting& meeting, const std::string& code) {
  json line = {{"event", "request"},
               {"n", requests_},
               {"at", to_rfc3339_ms(clock_.now())},
               {"method", request.method}};
  std::string path;
  for (const auto& segment : request.target.segments) path.append("/").append(segment);
  line["path"] = path;
  for (const auto& [key, value] : request.target.query) line["query"][key] = value;
  if (response.delivery == Delivery::none) {
    line["status"] = nullptr;
  } else {
    line["status"] = response.status;
  }
  if (!code.empty()) line["code"] = code;
  if (meeting.fault) line["fault"] = name(meeting.fault->kind);
  if (meeting.delay > Milliseconds{0}) line["delay_ms"] = meeting.delay.count();
  if (auto names = field_names(request.body); !names.empty()) line["fields"] = std::move(names);
  log_(line);
  arrivals_.add(std::move(line));
}

HttpResponse SandboxCloud::control(const HttpRequest& request) {
  if (request.method == "GET") return look(request);
  const auto& path = request.target.segments;
  const std::string_view what = path.size() == 2 ? std::string_view{path[1]} : std::string_view{};
  const json body = json::parse(request.body, nullptr, false);
  if (what == "faults" && request.method == "POST") return to_response(replace_faults(body));
  if (what == "passes" && request.method == "POST") return to_response(upsert_pass(body));
  return to_response({404, {{"error", "no such control"}}, {}, {}});
}

HttpResponse SandboxCloud::look(const HttpRequest& request) const {
  const auto& path = request.target.segments;
  if (path.size() == 1) return arrivals_page();
  if (path.size() == 2 && path[1] == "arrivals") {
    HttpResponse response = to_response({200, arrivals_.to_json(*book_), {}, {}});
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    return response;
  }
  if (path.size() == 2 && path[1] == "state") {
    const json state = {{"requests", requests_}, {"templates", book_state(*book_, request.target)}};
    return to_response({200, state, {}, {}});
  }
  return to_response({404, {{"error", "no such control"}}, {}, {}});
}

ApiAnswer SandboxCloud::replace_faults(const json& body) {
  if (!body.is_object() || !body.contains("faults") || !body["faults"].is_string()) {
    return {400, {{"error", "faults: a text"}}, {}, {}};
  }
  auto plan = FaultPlan::parse(body["faults"].get_ref<const std::string&>());
  if (!plan) return {400, {{"error", name(plan.error().code())}}, {}, {}};
  faults_ = std::move(*plan);
  extra_total_ = 0;
  return {200, {{"ok", true}}, {}, {}};
}

ApiAnswer SandboxCloud::upsert_pass(const json& body) {
  if (!body.is_object() || !body.contains("template") || !body["template"].is_string()) {
    return {400, {{"error", "template: a text"}}, {}, {}};
  }
  PassTemplate* of = book_->find(body["template"].get_ref<const std::string&>());
  if (of == nullptr) return {404, {{"error", "no such template"}}, {}, {}};
  auto pass = PassBook::read_pass(body.value("pass", json()), *of);
  if (!pass) return {400, {{"error", name(pass.error().code())}}, {}, {}};
  of->upsert(std::move(*pass));
  return {200, {{"ok", true}}, {}, {}};
}

}  // namespace passgate::sim
