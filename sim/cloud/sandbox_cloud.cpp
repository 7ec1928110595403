// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/sandbox_cloud.h"

#include <fmt/format.h>

#include <utility>

#include "core/bytes.h"

namespace passgate::sim {
namespace {

using nlohmann::json;

HttpResponse to_response(const ApiAnswer& answer) {
  HttpResponse response;
  response.status = answer.status;
  response.body = answer.body.dump(-1, ' ', false, json::error_handler_t::replace);
  return response;
}

/// Answers that never reach the API: the request has no effect.
bool stops_before(const Meeting& meeting) noexcept {
  return meeting.fault && (meeting.fault->kind == FaultKind::status ||
                           meeting.fault->kind == FaultKind::drop_before);
}

ApiAnswer failing_with(unsigned status) {
  if (status == 429) return api_error(429, "RL1", "Rate limit exceeded");
  return api_error(static_cast<int>(status), "GE77", "Generic Error");
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

json pass_state(const PassTemplate& of, const CloudPass& pass) {
  return {{"status", pass.status},
          {"fields", of.values(pass)},
          {"patches", pass.patches},
          {"puts", pass.puts},
          {"destroyed", pass.destroyed}};
}

}  // namespace

SandboxCloud::SandboxCloud(CloudOptions options, PassBook book, FaultPlan faults, JsonLines log,
                           const Clock& clock)
    : options_(std::move(options)),
      book_(std::move(book)),
      faults_(std::move(faults)),
      log_(std::move(log)),
      clock_(clock),
      bucket_(options_.requests_per_s) {}

HttpResponse SandboxCloud::answer(const HttpRequest& request) {
  const auto& path = request.target.segments;
  if (!path.empty() && path[0] == "_sim") return control(request);
  ++requests_;
  const Meeting meeting = faults_.meet(request.method, PassNinjaApi::lists(request));
  ApiAnswer answer;
  unsigned wait_s = 0;
  if (stops_before(meeting)) {
    answer = failing_with(meeting.fault->value);
  } else {
    wait_s = bucket_.take(clock_.monotonic());
    answer = wait_s > 0 ? failing_with(429) : ask(request, meeting);
  }
  HttpResponse response = to_response(answer);
  if (wait_s > 0) response.headers.emplace_back("Retry-After", fmt::to_string(wait_s));
  spoil(response, meeting);
  record(request, response, meeting, answer.code);
  return response;
}

ApiAnswer SandboxCloud::ask(const HttpRequest& request, const Meeting& meeting) {
  if (auto refusal = admit(request); refusal.status != 200) return refusal;
  ListQuirks quirks;
  if (meeting.fault && meeting.fault->kind == FaultKind::same_page) quirks.same_page = true;
  if (meeting.fault && meeting.fault->kind == FaultKind::changing_total) ++extra_total_;
  quirks.extra_total = extra_total_;
  return api_.answer(request, quirks);
}

ApiAnswer SandboxCloud::admit(const HttpRequest& request) const {
  const auto key = request.header("x-api-key");
  const auto account = request.header("x-account-id");
  if (!key || !account) return api_error(401, "UA1", "Unauthorized request");
  const bool known = *account == options_.account_id &&
                     equal_in_constant_time(bytes_of(*key), options_.api_key.expose());
  if (!known) return api_error(403, "UA2", "Forbidden");
  return {};
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
  const json body = json::parse(request.body, nullptr, false);
  if (body.is_object() && body.contains("pass") && body["pass"].is_object()) {
    for (const auto& [key, value] : body["pass"].items()) line["fields"].push_back(key);
  }
  log_(line);
}

HttpResponse SandboxCloud::control(const HttpRequest& request) {
  const auto& path = request.target.segments;
  const std::string_view what = path.size() == 2 ? std::string_view{path[1]} : std::string_view{};
  if (what == "state" && request.method == "GET") {
    return to_response({200, state(request.target), {}});
  }
  const json body = json::parse(request.body, nullptr, false);
  if (what == "faults" && request.method == "POST") return to_response(replace_faults(body));
  if (what == "passes" && request.method == "POST") return to_response(upsert_pass(body));
  return to_response({404, {{"error", "no such control"}}, {}});
}

json SandboxCloud::state(const Target& target) const {
  const auto only_template = target.parameter("template");
  const auto only_serial = target.parameter("serial");
  const bool touched = target.parameter("touched") == "1";
  json templates = json::object();
  for (const auto& of : book_.templates()) {
    if (only_template && *only_template != of.id()) continue;
    json& passes = templates[of.id()] = json::object();
    for (const auto& pass : of.ever()) {
      if (only_serial && *only_serial != pass.serial) continue;
      if (touched && pass.patches == 0 && pass.puts == 0 && !pass.destroyed) continue;
      passes[pass.serial] = pass_state(of, pass);
    }
  }
  return {{"requests", requests_}, {"templates", std::move(templates)}};
}

ApiAnswer SandboxCloud::replace_faults(const json& body) {
  if (!body.is_object() || !body.contains("faults") || !body["faults"].is_string()) {
    return {400, {{"error", "faults: a text"}}, {}};
  }
  auto plan = FaultPlan::parse(body["faults"].get_ref<const std::string&>());
  if (!plan) return {400, {{"error", name(plan.error().code())}}, {}};
  faults_ = std::move(*plan);
  extra_total_ = 0;
  return {200, {{"ok", true}}, {}};
}

ApiAnswer SandboxCloud::upsert_pass(const json& body) {
  if (!body.is_object() || !body.contains("template") || !body["template"].is_string()) {
    return {400, {{"error", "template: a text"}}, {}};
  }
  PassTemplate* of = book_.find(body["template"].get_ref<const std::string&>());
  if (of == nullptr) return {404, {{"error", "no such template"}}, {}};
  auto pass = PassBook::read_pass(body.value("pass", json()), *of);
  if (!pass) return {400, {{"error", name(pass.error().code())}}, {}};
  of->upsert(std::move(*pass));
  return {200, {{"ok", true}}, {}};
}

}  // namespace passgate::sim
