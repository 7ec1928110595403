// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/json_reading.h"

#include <algorithm>
#include <charconv>

namespace passgate::sync {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kBytesPerRow = 4096;

/// "~1" is "/", "~0" is "~", any other tilde is an error.
std::optional<std::string> unescaped(std::string_view step) {
  std::string out;
  for (std::size_t i = 0; i < step.size(); ++i) {
    if (step[i] != '~') {
      out += step[i];
      continue;
    }
    ++i;
    if (i == step.size() || (step[i] != '0' && step[i] != '1')) return std::nullopt;
    out += step[i] == '0' ? '~' : '/';
  }
  return out;
}

const Json* child(const Json& of, const std::string& step) {
  if (of.is_object()) {
    const auto it = of.find(step);
    return it == of.end() ? nullptr : &*it;
  }
  if (!of.is_array()) return nullptr;
  std::size_t index = 0;
  const auto* end = step.data() + step.size();
  const auto read = std::from_chars(step.data(), end, index);
  if (read.ec != std::errc{} || read.ptr != end || index >= of.size()) return nullptr;
  return &of[index];
}

}  // namespace

std::size_t answer_limit_for(std::size_t passes) {
  return kBytesBesideRows + kBytesPerRow * passes;
}

const std::string* text_in(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(name);
  return it == object.end() ? nullptr : it->get_ptr<const std::string*>();
}

std::optional<std::size_t> count_in(const Json& object, const char* name) {
  const auto it = object.find(name);
  if (it == object.end() || !it->is_number_integer()) return std::nullopt;
  const auto value = it->get<std::int64_t>();
  if (value < 0 || value > static_cast<std::int64_t>(kMostRows)) return std::nullopt;
  return static_cast<std::size_t>(value);
}

std::optional<std::string> word_of(const Json& value) {
  if (const auto* text = value.get_ptr<const std::string*>()) return *text;
  if (value.is_number_integer() || value.is_boolean()) return value.dump();
  return std::nullopt;
}

bool is_empty_text(const Json& value) {
  const auto* text = value.get_ptr<const std::string*>();
  return text != nullptr && text->empty();
}

bool deeper_than(const Json& value, unsigned levels) {
  if (!value.is_structured()) return false;
  if (levels == 0) return true;
  return std::ranges::any_of(
      value, [levels](const Json& inner) { return deeper_than(inner, levels - 1); });
}

std::string json_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<JsonPointer> JsonPointer::parse(std::string_view text) {
  JsonPointer pointer;
  while (!text.empty()) {
    if (text.front() != '/') return std::nullopt;
    text.remove_prefix(1);
    const auto length = std::min(text.find('/'), text.size());
    auto step = unescaped(text.substr(0, length));
    if (!step) return std::nullopt;
    pointer.steps_.push_back(std::move(*step));
    text.remove_prefix(length);
  }
  return pointer;
}

const Json* JsonPointer::in(const Json& document) const {
  const Json* at = &document;
  for (const auto& step : steps_) {
    at = child(*at, step);
    if (at == nullptr) return nullptr;
  }
  return at;
}

}  // namespace passgate::sync
