// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passinstance_redeem.h"

#include "runtime/json_text.h"
#include "sync/provider/passinstance_requests.h"
#include "sync/provider/redeem_template.h"
#include "sync/provider/verdict.h"

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

Send writing(const Passinstance::Settings& settings, const std::string& path, std::string body) {
  auto request = passinstance_request(settings, settings.method, path);
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::move(body);
  return {std::move(request), std::nullopt};
}

RedeemStep recorded_by(const Result<HttpAnswer>& answer, WallTime now) {
  if (!answer) return failure_of(answer.error());
  if (auto failure = failure_of(*answer, now)) return *failure;
  return Recorded{};
}

}  // namespace

PassinstanceUpdate::PassinstanceUpdate(const Passinstance::Settings& settings,
                                       const RedemptionOrder& order,
                                       const std::map<std::string, std::string>& fields)
    : settings_(settings), path_(passinstance_path(settings.path, passinstance_names(order))) {
  for (const auto& [name, value] : fields) values_[name] = expand_redeem_template(value, order);
  if (settings.method == "PUT") {
    read_path_ = passinstance_path(settings.get_path, passinstance_names(order));
  }
}

RedeemStep PassinstanceUpdate::start() {
  if (!path_) return not_listed_yet();
  const bool must_read = settings_.method == "PUT" && !settings_.get_path.empty();
  if (!must_read) return write(Json::object());
  if (!read_path_) return not_listed_yet();
  reading_ = true;
  return Send{passinstance_request(settings_, "GET", *read_path_), std::nullopt};
}

RedeemStep PassinstanceUpdate::take(const Result<HttpAnswer>& answer, WallTime now) {
  if (!reading_ || !answer) return recorded_by(answer, now);
  if (auto failure = failure_of(*answer, now)) return *failure;
  reading_ = false;
  return merge_with(*answer);
}

RedeemStep PassinstanceUpdate::merge_with(const HttpAnswer& answer) {
  const auto json = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || deeper_than(json, runtime::kDeepestJson)) return Failure{};
  if (settings_.member.empty()) return write(json);
  const auto member = json.find(settings_.member);
  if (member == json.end() || member->is_null()) return write(Json::object());
  if (!member->is_object()) return Failure{};
  return write(*member);
}

RedeemStep PassinstanceUpdate::write(const Json& fields) const {
  Json all = fields;
  for (const auto& [name, value] : values_) {
    Json& field = all[name];
    if (!settings_.value_in_object) {
      field = value;
    } else if (field.is_object()) {
      field["value"] = value;  // Its label stays.
    } else {
      field = {{"value", value}};
    }
  }
  const Json body = settings_.member.empty() ? all : Json{{settings_.member, all}};
  return writing(settings_, *path_, json_text(body));
}

PassinstanceVoid::PassinstanceVoid(const Passinstance::Settings& settings,
                                   const RedemptionOrder& order)
    : settings_(settings), path_(passinstance_path(settings.path, passinstance_names(order))) {}

RedeemStep PassinstanceVoid::start() {
  if (!path_) return not_listed_yet();
  return writing(settings_, *path_, settings_.body);
}

RedeemStep PassinstanceVoid::take(const Result<HttpAnswer>& answer, WallTime now) {
  return recorded_by(answer, now);
}

}  // namespace passgate::sync
