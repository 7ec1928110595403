// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "apdu/recording.h"

namespace passgate::apdu {
namespace {

std::string hex_of_command(ByteView wire) {
  if (wire.size() <= 5) return to_hex(wire);
  const std::size_t lc = wire[4];
  std::string text =
      to_hex(wire.first(4)) + ' ' + to_hex(wire.subspan(4, 1)) + ' ' + to_hex(wire.subspan(5, lc));
  if (wire.size() > 5 + lc) text += ' ' + to_hex(wire.last(1));
  return text;
}

std::string hex_of_byte(ServiceType type) {
  return to_hex(std::array{static_cast<std::uint8_t>(type)});
}

std::string hex_of_answer(ByteView wire) {
  if (wire.size() <= 2) return to_hex(wire);
  return to_hex(wire.first(wire.size() - 2)) + ' ' + to_hex(wire.last(2));
}

std::string apple_line(const AppleProfile& profile) {
  std::string text = "profile apple";
  for (std::size_t i = 0; i < profile.merchants.size(); ++i) {
    text += (i == 0 ? " merchants=" : ",") + profile.merchants[i].value();
  }
  if (!profile.url.empty()) text += " url=" + profile.url;
  if (profile.nonce) text += " nonce=" + to_hex(*profile.nonce);
  if (profile.filter) text += " filter=" + to_hex(*profile.filter);
  for (const auto& [word, mode] : kVasModes) {
    if (profile.mode == mode) text.append(" mode=").append(word);
  }
  return text + '\n';
}

std::string google_line(const GoogleProfile& profile) {
  std::string text = "profile google";
  for (std::size_t i = 0; i < profile.services.size(); ++i) {
    text += (i == 0 ? " services=" : ",") + hex_of_byte(profile.services[i]);
  }
  text += " pcr=" + (profile.pos_capabilities ? to_hex(*profile.pos_capabilities) : "none");
  return text + '\n';
}

std::string attempt_line(const RecordedAttempt& attempt) {
  std::string text = "attempt collector=" + std::to_string(attempt.collector.value()) +
                     " version=" + std::to_string(attempt.key_version) +
                     " session=" + to_hex(attempt.session);
  if (const auto& used = attempt.authentication) {
    text += " nonce=" + to_hex(used->nonce) + " ephemeral=" + to_hex(used->ephemeral) +
            " signature=" + to_hex(used->signature) + (used->pre_signed ? " pre-signed" : "");
  }
  return text + '\n';
}

/// @param before  Null for the first; its attempts go without saying.
std::string contact_lines(const Contact& contact, const Contact* before) {
  std::string text;
  if (before == nullptr || before->attempts != contact.attempts) {
    for (const auto& attempt : contact.attempts) text += attempt_line(attempt);
  }
  for (const auto& [exchange, at] : contact.exchanges) {
    text += ">> " + hex_of_command(exchange.command) + '\n';
    if (exchange.answer) {
      text += "<< " + hex_of_answer(*exchange.answer);
      if (at) text += " @" + std::to_string(at->count()) + "ms";
    } else {
      text.append("!! ").append(name(exchange.answer.error().code()));
    }
    text += '\n';
  }
  if (!contact.outcome.empty()) text += "== " + contact.outcome + '\n';
  for (const auto& opening : contact.openings) text += "=> " + opening + '\n';
  return text;
}

}  // namespace

std::string to_text(const Recording& recording, std::string_view comment) {
  std::string text;
  while (!comment.empty()) {
    const auto line = comment.substr(0, comment.find('\n'));
    text.append("# ").append(line) += '\n';
    comment.remove_prefix(std::min(line.size() + 1, comment.size()));
  }
  if (recording.apple) text += apple_line(*recording.apple);
  if (recording.google) text += google_line(*recording.google);
  for (const auto& key : recording.keys) text += "key hex:" + to_hex(key.expose()) + '\n';
  const Contact* before = nullptr;
  for (const auto& contact : recording.contacts) {
    text += contact_lines(contact, before);
    before = &contact;
  }
  return text;
}

std::string opening_text(const PassTypeId& id, const Result<crypto::OpenedVas>& opened) {
  if (!opened) return id.value() + ' ' + std::string(name(opened.error().code()));
  const std::string hex = to_hex(opened->payload.expose());
  return id.value() + ' ' + to_rfc3339(opened->stamped_at) + (hex.empty() ? "" : " " + hex);
}

}  // namespace passgate::apdu
