// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/pass_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace passgate::sim {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> kStatuses = {"Active", "Removed", "Expired", "N/A"};
constexpr std::uint64_t kMostGenerated = 5'000'000;

/// Serials that look like the vendor's (18 hex characters) and do not come in
/// order, so that nothing downstream gets used to order.
std::string made_up_serial(std::uint64_t index) {
  // Odd multiplier: a bijection on 64 bits, so no two are equal.
  return fmt::format("{:016x}{:02x}", index * 0x9E3779B97F4A7C15U, index & 0xFFU);
}

Result<Fields> read_keys(const json& keys) {
  Fields defaults;
  if (keys.is_array()) {
    for (const auto& key : keys) {
      if (!key.is_string()) return fail(Errc::bad_value);
      defaults.emplace(key.get<std::string>(), nullptr);
    }
  } else if (keys.is_object()) {
    for (const auto& [key, value] : keys.items()) defaults.emplace(key, value);
  } else {
    return fail(Errc::bad_value);
  }
  return defaults;
}

Result<std::string> text_of_member(const json& object, const char* name, std::string otherwise) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return otherwise;
  if (!found->is_string()) return fail(Errc::bad_value);
  return found->get<std::string>();
}

Result<UsePolicy> read_policy(const json& from) {
  UsePolicy policy;
  if (!from.is_object()) return fail(Errc::bad_value);
  auto mode = text_of_member(from, "mode", policy.mode);
  const json most = from.value("max_uses", json(1U));
  if (!mode || !most.is_number_unsigned()) return fail(Errc::bad_value);
  if (*mode != "single_use" && *mode != "reusable" && *mode != "count") {
    return fail(Errc::bad_value);
  }
  policy.mode = std::move(*mode);
  policy.max_uses = most.get<unsigned>();
  return policy;
}

Result<PassTemplate> read_template(const json& from) {
  if (!from.is_object()) return fail(Errc::bad_value);
  const auto id = text_of_member(from, "id", "");
  if (!id || id->empty()) return fail(Errc::bad_value);
  auto defaults = read_keys(from.value("keys", json::array()));
  if (!defaults) return std::unexpected(defaults.error());
  auto policy = read_policy(from.value("policy", json::object()));
  if (!policy) return std::unexpected(policy.error());
  PassTemplate made(*id, std::move(*defaults), std::move(*policy));
  const json passes = from.value("passes", json::array());
  if (!passes.is_array()) return fail(Errc::bad_value);
  for (const auto& each : passes) {
    auto pass = PassBook::read_pass(each, made);
    if (!pass) return std::unexpected(pass.error());
    made.upsert(std::move(*pass));
  }
  const json generate = from.value("generate", json(0U));
  if (!generate.is_number_unsigned()) return fail(Errc::bad_value);
  const auto count = generate.get<std::uint64_t>();
  if (count > kMostGenerated) return fail(Errc::too_large);
  for (std::uint64_t i = 1; i <= count; ++i) {
    CloudPass pass;
    pass.serial = made_up_serial(i);
    made.upsert(std::move(pass));
  }
  return made;
}

}  // namespace

PassTemplate::PassTemplate(std::string id, Fields defaults, UsePolicy policy)
    : id_(std::move(id)), defaults_(std::move(defaults)), policy_(std::move(policy)) {}

json PassTemplate::values(const CloudPass& pass) const {
  json all = json::object();
  for (const auto& [key, value] : defaults_) all[key] = value;
  for (const auto& [key, value] : pass.fields) all[key] = value;
  return all;
}

CloudPass* PassTemplate::lend(const Index& index, std::string_view key, bool destroyed_too) {
  const auto found = index.find(std::string(key));
  if (found == index.end()) return nullptr;
  CloudPass& pass = passes_[found->second];
  if (pass.destroyed && !destroyed_too) return nullptr;
  lent_.try_emplace(found->second, pass);
  return &pass;
}

CloudPass* PassTemplate::find(std::string_view serial) {
  return lend(by_serial_, serial, false);
}

CloudPass* PassTemplate::find_id(std::string_view id) {
  return lend(by_id_, id, false);
}

CloudPass* PassTemplate::find_code(std::string_view code) {
  return lend(by_code_, code, false);
}

CloudPass* PassTemplate::find_ever(std::string_view serial) {
  return lend(by_serial_, serial, true);
}

std::optional<std::size_t> PassTemplate::position_of(std::string_view id) const {
  const auto found = by_id_.find(std::string(id));
  if (found == by_id_.end()) return std::nullopt;
  // Passes are added at the end and taken out in place: the list stays sorted.
  const auto at = std::ranges::lower_bound(alive_, found->second);
  if (at == alive_.end() || *at != found->second) return std::nullopt;
  return static_cast<std::size_t>(at - alive_.begin());
}

void PassTemplate::settle(const std::string& at) {
  for (const auto& [position, before] : lent_) {
    const CloudPass& after = passes_[position];
    auto effect = effect_of(before, after, at);
    const bool written = effect || before.writes != after.patches + after.puts ||
                         before.redemptions != after.redemptions.size();
    if (!written) continue;
    const auto [known, fresh] = effects_.try_emplace(position);
    if (fresh) touched_.push_back(position);
    if (effect) known->second.push_back(std::move(*effect));
  }
  lent_.clear();
}

const std::vector<Effect>& PassTemplate::effects(std::size_t position) const {
  static const std::vector<Effect> kNone;
  const auto found = effects_.find(position);
  return found == effects_.end() ? kNone : found->second;
}

void PassTemplate::destroy(CloudPass& pass) {
  pass.destroyed = true;
  std::erase(alive_, by_serial_.at(pass.serial));
}

void PassTemplate::upsert(CloudPass pass) {
  if (pass.id.empty()) pass.id = pass.serial;
  if (pass.code.empty()) pass.code = pass.serial;
  const auto found = by_serial_.find(pass.serial);
  if (found != by_serial_.end() && !passes_[found->second].destroyed) {
    CloudPass* known = &passes_[found->second];
    by_code_.erase(known->code);
    by_code_[pass.code] = found->second;
    pass.patches = known->patches;
    pass.puts = known->puts;
    pass.id = known->id;  // A pass keeps its name.
    pass.redemptions = std::move(known->redemptions);
    *known = std::move(pass);
    return;
  }
  by_serial_[pass.serial] = passes_.size();
  by_id_[pass.id] = passes_.size();
  by_code_[pass.code] = passes_.size();
  alive_.push_back(passes_.size());
  passes_.push_back(std::move(pass));
}

Result<CloudPass> PassBook::read_pass(const json& from, const PassTemplate& of) {
  if (!from.is_object()) return fail(Errc::bad_value);
  CloudPass pass;
  auto serial = text_of_member(from, "serial", "");
  auto status = text_of_member(from, "status", pass.status);
  auto issued = text_of_member(from, "issued", pass.issued);
  auto installed = text_of_member(from, "installed", "");
  auto id = text_of_member(from, "id", "");
  auto code = text_of_member(from, "code", "");
  auto expires = text_of_member(from, "expires", "");
  const json voided = from.value("voided", json(false));
  const json metadata = from.value("metadata", json::object());
  if (!serial || serial->empty() || !status || !issued || !installed) return fail(Errc::bad_value);
  if (!id || !code || !expires || !voided.is_boolean() || !metadata.is_object()) {
    return fail(Errc::bad_value);
  }
  if (std::ranges::find(kStatuses, *status) == kStatuses.end()) return fail(Errc::bad_value);
  pass.id = id->empty() ? *serial : std::move(*id);
  pass.code = code->empty() ? *serial : std::move(*code);
  pass.serial = std::move(*serial);
  pass.expires = std::move(*expires);
  pass.voided = voided.get<bool>();
  pass.metadata = metadata;
  pass.status = std::move(*status);
  pass.issued = std::move(*issued);
  if (!installed->empty()) pass.installed = std::move(*installed);
  const json fields = from.value("fields", json::object());
  if (!fields.is_object()) return fail(Errc::bad_value);
  for (const auto& [key, value] : fields.items()) {
    if (!of.has_key(key)) return fail(Errc::bad_value);
    pass.fields.emplace(key, value);
  }
  return pass;
}

Result<PassBook> PassBook::read(const json& from) {
  PassBook book;
  const auto templates = from.find("templates");
  if (!from.is_object() || templates == from.end() || !templates->is_array()) {
    return fail(Errc::bad_value);
  }
  for (const auto& each : *templates) {
    auto made = read_template(each);
    if (!made) return std::unexpected(made.error());
    if (book.find(made->id()) != nullptr) return fail(Errc::bad_value);
    book.templates_.push_back(std::move(*made));
  }
  return book;
}

std::pair<PassTemplate*, CloudPass*> PassBook::find_pass(std::string_view id) {
  for (auto& of : templates_) {
    if (CloudPass* pass = of.find_id(id)) return {&of, pass};
  }
  return {nullptr, nullptr};
}

PassTemplate* PassBook::find(std::string_view id) {
  const auto found = std::ranges::find(templates_, id, &PassTemplate::id);
  return found == templates_.end() ? nullptr : &*found;
}

void PassBook::settle(const std::string& at) {
  for (auto& of : templates_) of.settle(at);
}

}  // namespace passgate::sim
