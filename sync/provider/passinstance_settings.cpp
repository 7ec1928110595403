// SPDX-License-Identifier: Apache-2.0
// Passinstance from its configuration.
#include <fmt/format.h>

#include <algorithm>

#include "sync/http/url.h"
#include "sync/provider/passinstance.h"

namespace passgate::sync {

namespace {

/// Turns a `[[provider]]` into settings and keeps the first thing that is wrong.
class Reading {
 public:
  Reading(const runtime::ProviderConfig& config, Passinstance::Settings& settings)
      : config_(config), settings_(settings) {}

  void all();
  const std::string& problem() const { return problem_; }

 private:
  void members(const runtime::ListConfig& list);
  void list(const runtime::ListConfig& list);
  void redeem();
  JsonPointer pointer(std::string_view what, const std::string& text);
  std::optional<JsonPointer> optional_pointer(std::string_view what, const std::string& text);
  std::string path(std::string_view what, const std::string& text);
  void complain(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  const runtime::ProviderConfig& config_;
  Passinstance::Settings& settings_;
  std::string problem_;
};

JsonPointer Reading::pointer(std::string_view what, const std::string& text) {
  auto pointer = JsonPointer::parse(text);
  if (pointer) return std::move(*pointer);
  complain(fmt::format("{}: '{}' is no JSON pointer", what, text));
  return {};
}

std::optional<JsonPointer> Reading::optional_pointer(std::string_view what,
                                                     const std::string& text) {
  if (text.empty()) return std::nullopt;
  return pointer(what, text);
}

std::string Reading::path(std::string_view what, const std::string& text) {
  if (!text.starts_with('/')) complain(fmt::format("{}: '{}' must begin with /", what, text));
  return text;
}

void Reading::all() {
  settings_.base_url = without_trailing_slash(config_.base_url);
  if (config_.auth != "api_key" && config_.auth != "bearer") {
    complain(fmt::format("auth: '{}' is not one of api_key, bearer", config_.auth));
  }
  settings_.bearer = config_.auth == "bearer";
  settings_.page_size = std::clamp(config_.page_size, 1U, 10000U);
  settings_.timeout = config_.timeout;
  auto states = status_map_of(config_.status_map);
  if (!states) return complain(states.error());
  settings_.status_map = std::move(*states);
  members(config_.list.value_or(runtime::ListConfig{}));
  if (config_.list) list(*config_.list);
  if (!config_.get_path.empty()) settings_.get_path = path("get_path", config_.get_path);
  redeem();
}

void Reading::members(const runtime::ListConfig& list) {
  auto& members = settings_.members;
  members.id = pointer("list.id", list.id);
  members.serial = pointer("list.serial", list.serial);
  members.status = optional_pointer("list.status", list.status);
  members.valid_from = optional_pointer("valid_from", config_.valid_from);
  members.valid_until = optional_pointer("valid_until", config_.valid_until);
}

void Reading::list(const runtime::ListConfig& list) {
  Passinstance::List made{path("list.path", list.path), pointer("list.items", list.items),
                          optional_pointer("list.next", list.next)};
  const bool goes_on = list.path.contains("{page}") || list.path.contains("{cursor}");
  if (made.next && !goes_on) complain("list: next needs {page} or {cursor} in path");
  if (!made.next && list.path.contains("{cursor}")) complain("list: {cursor} in path needs next");
  settings_.list = std::move(made);
}

void Reading::redeem() {
  const auto& redeem = config_.redeem;
  if (redeem.mode == "none") return;
  const bool voids = redeem.mode == "void";
  if (!voids && !redeem.mode.empty() && redeem.mode != "update") {
    return complain(fmt::format("redeem: mode '{}' is not one of update, void, none", redeem.mode));
  }
  if (redeem.method != "PUT" && redeem.method != "PATCH" && redeem.method != "POST") {
    return complain(
        fmt::format("redeem: method '{}' is not one of PUT, PATCH, POST", redeem.method));
  }
  settings_.method = redeem.method;
  settings_.path = path("redeem.path", redeem.path);
  if (voids) {
    const bool readable =
        redeem.body.empty() ? redeem.method == "POST" : nlohmann::json::accept(redeem.body);
    if (!readable) return complain("redeem: mode 'void' needs JSON in body");
    settings_.recording = Passinstance::Recording::void_pass;
    settings_.body = redeem.body;
    return;
  }
  if (redeem.value != "object" && redeem.value != "text") {
    return complain(fmt::format("redeem: value '{}' is not one of object, text", redeem.value));
  }
  settings_.value_in_object = redeem.value == "object";
  settings_.member = redeem.member;
  settings_.fields = redeem.fields;
  settings_.undo_fields = redeem.undo_fields;
  if (!redeem.fields.empty()) settings_.recording = Passinstance::Recording::update;
}

}  // namespace

std::expected<std::unique_ptr<Provider>, std::string> make_passinstance(
    const runtime::ProviderConfig& config, ProviderSecrets secrets) {
  Passinstance::Settings settings;
  settings.key = std::move(secrets.api_key);
  Reading reading(config, settings);
  reading.all();
  if (!reading.problem().empty()) return std::unexpected(reading.problem());
  return std::make_unique<Passinstance>(std::move(settings));
}

}  // namespace passgate::sync
