// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

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

std::string hex_of_answer(ByteView wire) {
  if (wire.size() <= 2) return to_hex(wire);
  return to_hex(wire.first(wire.size() - 2)) + ' ' + to_hex(wire.last(2));
}

std::string profile_line(const AppleProfile& profile) {
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

std::string contact_lines(const Contact& contact) {
  std::string text;
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
  text += profile_line(recording.profile);
  for (const auto& key : recording.keys) text += "key hex:" + to_hex(key.expose()) + '\n';
  for (const auto& contact : recording.contacts) text += contact_lines(contact);
  return text;
}

std::string opening_text(const PassTypeId& id, const Result<crypto::OpenedVas>& opened) {
  if (!opened) return id.value() + ' ' + std::string(name(opened.error().code()));
  const std::string hex = to_hex(opened->payload.expose());
  return id.value() + ' ' + to_rfc3339(opened->stamped_at) + (hex.empty() ? "" : " " + hex);
}

}  // namespace passgate::apdu
