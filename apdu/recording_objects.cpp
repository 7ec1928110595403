// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <variant>

#include "apdu/recording.h"

namespace passgate::apdu {
namespace {

std::string hex_or_dash(ByteView bytes) {
  return bytes.empty() ? "-" : to_hex(bytes);
}

/// As it is when it is a language code; a phone may say anything.
std::string language_text(std::string_view language) {
  const bool plain = std::ranges::all_of(language, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
  return plain ? std::string(language) : "hex:" + to_hex(bytes_of(language));
}

/// KIND, id and what the object holds, in fixed order.
std::string object_text(const SmartTapObject& object) {
  const bool customer = object.kind == ObjectKind::customer;
  std::string text(name(object.kind));
  text += ' ' + hex_or_dash(customer ? object.customer_id : object.object_id);
  if (const auto& number = object.service_number) {
    text.append(" ").append(name(number->format)) += ' ' + hex_or_dash(number->raw);
  }
  for (const auto& [key, value] :
       {std::pair{"pin", &object.pin}, {"track1", &object.track1}, {"track2", &object.track2}}) {
    if (!*value) continue;
    text.append(" ").append(key).append("=").append(name((*value)->format));
    text += ':' + to_hex((*value)->raw);
  }
  if (!object.language.empty()) text += " language=" + language_text(object.language);
  if (!object.tap_id.empty()) text += " tap=" + to_hex(object.tap_id);
  return text + " issuer=" + std::to_string(object.issuer_type) + ':' + to_hex(object.issuer_id);
}

}  // namespace

const SealedBundle* sealed_bundle(const Outcome& outcome) noexcept {
  if (const auto* passes = std::get_if<GooglePasses>(&outcome)) return &passes->sealed;
  const auto* none = std::get_if<NoMatchingPass>(&outcome);
  return none != nullptr && none->customer ? &*none->customer : nullptr;
}

std::vector<std::string> object_texts(CollectorId collector,
                                      const Result<std::vector<SmartTapObject>>& opened) {
  const std::string start = std::to_string(collector.value()) + ' ';
  if (!opened) return {start + std::string(name(opened.error().code()))};
  std::vector<std::string> all;
  all.reserve(opened->size());
  for (const auto& object : *opened) all.push_back(start + object_text(object));
  return all;
}

}  // namespace passgate::apdu
