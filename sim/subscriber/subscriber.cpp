// SPDX-License-Identifier: Apache-2.0
#include "sim/subscriber/subscriber.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/bytes.h"

namespace passgate::sim {
namespace {

using nlohmann::json;

constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kMediaType = "application/cloudevents+json";

/// A media type without its parameters matches (RFC 9110 §8.3.1), in any case.
bool is_cloud_event(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ')) content_type.remove_suffix(1);
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(content_type, kMediaType, {}, lower);
}

/// A text attribute, or nothing when it is absent, empty or not text.
std::optional<std::string> attribute(const json& event, const char* name) {
  const auto found = event.find(name);
  if (found == event.end() || !found->is_string() || found->empty()) return std::nullopt;
  auto text = found->get<std::string>();
  if (text.empty()) return std::nullopt;
  return text;
}

/// The attributes CloudEvents 1.0 §3.1 requires.
bool has_required_attributes(const json& event) {
  return event.is_object() && attribute(event, "specversion") == "1.0" && attribute(event, "id") &&
         attribute(event, "source") && attribute(event, "type");
}

HttpResponse json_response(int status, const json& body) {
  HttpResponse response;
  response.status = status;
  response.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  return response;
}

}  // namespace

Subscriber::Subscriber(SubscriberOptions options, JsonLines log, JsonLines output,
                       const Clock& clock)
    : options_(std::move(options)),
      log_(std::move(log)),
      output_(std::move(output)),
      clock_(clock) {}

HttpResponse Subscriber::answer(const HttpRequest& request) {
  const auto& path = request.target.segments;
  if (!path.empty() && path[0] == "_sim") {
    if (path.size() == 2 && path[1] == "events" && request.method == "GET") {
      return events(request.target);
    }
    if (path.size() == 2 && path[1] == "faults" && request.method == "POST") {
      return set_faults(request.body);
    }
    return json_response(404, {{"error", "no such control"}});
  }
  if (request.method == "OPTIONS") return shake_hands(request);
  if (request.method != "POST") {
    auto refused = json_response(405, {{"error", "method not allowed"}});
    refused.headers.emplace_back("Allow", "POST");
    return refused;
  }
  return receive(request);
}

bool Subscriber::consents_to(std::string_view origin) const {
  return !origin.empty() && (options_.consent == "*" || options_.consent == origin);
}

HttpResponse Subscriber::shake_hands(const HttpRequest& request) {
  const auto origin = request.header("webhook-request-origin").value_or("");
  const bool consent = consents_to(origin);
  const json line = {{"event", "handshake"},
                     {"at", to_rfc3339_ms(clock_.now())},
                     {"origin", origin},
                     {"consent", consent}};
  log_(line);
  output_(line);
  HttpResponse response;
  response.status = 200;  // It means nothing: consent is in the headers.
  response.content_type.clear();
  response.headers.emplace_back("Allow", "POST");
  if (consent) {
    response.headers.emplace_back("WebHook-Allowed-Origin",
                                  options_.consent == "*" ? "*" : std::string(origin));
    response.headers.emplace_back("WebHook-Allowed-Rate", options_.rate);
  }
  return response;
}

HttpResponse Subscriber::receive(const HttpRequest& request) {
  if (arrived_.size() >= kMostDeliveries) return json_response(503, {{"error", "full"}});
  json line = {{"event", "delivery"},
               {"n", arrived_.size() + 1},
               {"at", to_rfc3339_ms(clock_.now())},
               {"verified", false}};
  const int status = judge(request, line);
  line["status"] = status;
  log_(line);
  output_(line);
  HttpResponse response;
  response.status = status;
  if (retry_after_ && line.value("error", "") == "asked_to_fail") {
    response.headers.emplace_back("Retry-After", std::to_string(*retry_after_));
  }
  if (status == 204) {
    response.content_type.clear();
  } else {
    response.body = json{{"error", line.value("error", "")}}.dump();
  }
  arrived_.push_back(std::move(line));
  return response;
}

bool Subscriber::fails_now() {
  if (options_.fail > 0) {
    --options_.fail;
    return true;
  }
  return fail_every_ != 0 && (arrived_.size() + 1) % fail_every_ == 0;
}

int Subscriber::judge(const HttpRequest& request, json& line) {
  const auto refuse = [&line](int status, std::string_view why) {
    line["error"] = why;
    return status;
  };
  if (fails_now()) return refuse(options_.fail_status, "asked_to_fail");
  if (!options_.consent.empty() &&
      !consents_to(request.header("webhook-request-origin").value_or(""))) {
    return refuse(403, "without_consent");
  }
  if (!options_.bearer.empty()) {
    auto given = request.header("authorization").value_or("");
    if (!given.starts_with(kBearer)) return refuse(401, "no_bearer");
    given.remove_prefix(kBearer.size());
    if (!equal_in_constant_time(bytes_of(given), options_.bearer.expose())) {
      return refuse(401, "wrong_bearer");
    }
  }
  const auto verified = options_.verifier.verify(
      request.header("webhook-id").value_or(""), request.header("webhook-timestamp").value_or(""),
      request.header("webhook-signature").value_or(""), request.body, clock_.now());
  if (!verified) return refuse(401, name(verified.error().code()));
  line["verified"] = true;
  line["webhook_id"] = request.header("webhook-id").value_or("");
  if (!is_cloud_event(request.header("content-type").value_or(""))) {
    return refuse(415, "wrong_content_type");
  }
  const json event = json::parse(request.body, nullptr, false);
  if (!has_required_attributes(event)) return refuse(400, "not_a_cloud_event");
  return take(event, line);
}

int Subscriber::take(const json& event, json& line) {
  for (const auto* each : {"type", "id", "source", "subject", "sequence", "time"}) {
    if (event.contains(each)) line[each] = event[each];
  }
  const json data = event.value("data", json::object());
  if (data.is_object()) {
    for (const auto* each : {"decision", "reason", "use", "tap_id", "reader", "operator", "why"}) {
      if (data.contains(each)) line[each] = data[each];
    }
  }
  const bool fresh = seen_.emplace(*attribute(event, "source"), *attribute(event, "id")).second;
  line["duplicate"] = !fresh;
  const auto subject = attribute(event, "subject");
  const auto sequence = attribute(event, "sequence");
  if (fresh && subject && sequence) {
    // Sequences are zero-padded decimals: they compare as text.
    auto& newest = newest_[*subject];
    line["in_order"] = newest <= *sequence;
    newest = std::max(newest, *sequence);
  }
  return 204;
}

HttpResponse Subscriber::events(const Target& target) const {
  std::size_t after = 0;
  if (const auto text = target.parameter("after")) {
    const auto read = std::from_chars(text->data(), text->data() + text->size(), after);
    if (read.ec != std::errc{}) return json_response(400, {{"error", "after: a number"}});
  }
  json found = json::array();
  for (std::size_t i = after; i < arrived_.size(); ++i) found.push_back(arrived_[i]);
  return json_response(200, {{"events", std::move(found)}, {"last", arrived_.size()}});
}

HttpResponse Subscriber::set_faults(const std::string& text) {
  const json body = json::parse(text, nullptr, false);
  if (!body.is_object()) return json_response(400, {{"error", "an object is wanted"}});
  const json fail = body.value("fail", json(0U));
  const json every = body.value("every", json(0U));
  const json status = body.value("status", json(503U));
  const json wait = body.value("retry_after", json());
  if (!fail.is_number_unsigned() || !every.is_number_unsigned() || !status.is_number_unsigned() ||
      status > 599 || status < 300 || !(wait.is_null() || wait.is_number_unsigned())) {
    return json_response(400, {{"error", "fail, every, retry_after: numbers; status: 300 to 599"}});
  }
  options_.fail = fail.get<unsigned>();
  options_.fail_status = status.get<int>();
  fail_every_ = every.get<unsigned>();
  retry_after_ = wait.is_null() ? std::nullopt : std::optional(wait.get<unsigned>());
  return json_response(200, {{"ok", true}});
}

}  // namespace passgate::sim
