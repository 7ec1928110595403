// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/virtual_iphone.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/digest.h"
#include "crypto/vas_key_ring.h"
#include "crypto/vas_phone.h"
#include "sim/tap/answer.h"
#include "sim/tap/wire.h"

namespace passgate::sim {
namespace {

using apdu::CommandApdu;
using apdu::kWholeAnswer;
using apdu::StatusWord;
using apdu::TlvList;

constexpr std::size_t kLongestMessage = 64;  // of nfc.message; longer is cut

// Status words (apple-vas.md section 5).
constexpr StatusWord kNotFound{0x6A83};
constexpr StatusWord kVasLocked{0x6287};
constexpr StatusWord kVasChoose{0x6984};
constexpr StatusWord kWrongData{0x6A80};

// Byte 4 of the terminal capabilities 9F26.
constexpr std::uint8_t kModeBits = 0x03;
constexpr std::uint8_t kReservedBits = 0x7C;
constexpr std::uint8_t kVasOnly = 2;
constexpr std::uint8_t kPaymentOnly = 3;
// Byte 2: VAS supported.
constexpr std::uint8_t kVasSupported = 0x80;

/// Absent is fine, present must be `size` bytes.
bool is_optional_of(const TlvList& list, apdu::Tag tag, std::size_t size) {
  const auto value = list.find(tag);
  return !value || value->size() == size;
}

bool has_doubles(const TlvList& list) {
  const auto all = list.elements();
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      if (all[i].tag == all[j].tag) return true;
    }
  }
  return false;
}

/// 9F26: byte 1 and 3 and bits 6..2 of byte 4 are reserved, VAS must be supported.
bool are_capabilities(ByteView value) {
  return value.size() == 4 && value[0] == 0 && value[2] == 0 && (value[1] & kVasSupported) != 0 &&
         (value[3] & kReservedBits) == 0;
}

/// 9F2B: five bytes that begin with 01; others made real phones refuse.
bool is_filter(std::optional<ByteView> value) {
  return !value || (value->size() == 5 && (*value)[0] == 0x01);
}

}  // namespace

VirtualIphone::VirtualIphone(std::vector<WalletPass> passes, IphoneOptions options,
                             const Clock& clock)
    : passes_(std::move(passes)), options_(options), clock_(clock) {}

void VirtualIphone::activate() {
  selected_ = false;
  gave_one_ = false;
}

std::optional<Bytes> VirtualIphone::answer(ByteView wire) {
  const auto command = CommandApdu::parse(wire);
  if (!command) return only(kWrongLength);
  if (command->cla() == 0x00 && command->ins() == 0xA4) return select(*command);
  if (command->cla() != 0x80) return only(kUnknownClass);
  if (command->ins() != 0xCA || !selected_) return only(kUnknownIns);
  return get_vas_data(*command);
}

Bytes VirtualIphone::select(const CommandApdu& command) {
  selected_ = false;
  if (command.p1() != 0x04 || command.p2() != 0x00) return only(kWrongP1P2);
  if (text_of(command.data()) != kOse) return only(kNoSuchApplet);
  selected_ = true;
  std::array<std::uint8_t, 4> nonce{};
  crypto::random_fill(nonce);
  // 1E, as handsets at rest say it: encrypted VAS, VAS and payment may be
  // skipped, VAS may be performed.
  constexpr std::array<std::uint8_t, 4> kCapabilities = {0x00, 0x00, 0x00, 0x1E};
  constexpr std::array<std::uint8_t, 2> kVersion = {0x01, 0x00};
  Bytes inside;
  apdu::append_tlv(inside, 0x50, bytes_of("ApplePay"));
  apdu::append_tlv(inside, 0x9F21, kVersion);
  apdu::append_tlv(inside, 0x9F24, nonce);
  apdu::append_tlv(inside, 0x9F23, kCapabilities);
  Bytes fci;
  apdu::append_tlv(fci, 0x6F, inside);
  return with_status(std::move(fci), apdu::kSuccess);
}

Bytes VirtualIphone::get_vas_data(const CommandApdu& command) {
  if (command.p1() != 0x01 || command.p2() > 0x01) return only(kWrongP1P2);
  if (command.data().empty() || command.le() != kWholeAnswer) return only(kWrongLength);
  const auto question = read_question(command);
  if (!question) return only(kWrongData);
  if (question->url_only) {
    Bytes accepted;
    apdu::append_tlv(accepted, 0x9F2A, {});
    Bytes body;
    apdu::append_tlv(body, 0x70, accepted);
    return with_status(std::move(body), apdu::kSuccess);
  }
  if (question->mode == kPaymentOnly) return only(kNotFound);
  const auto pass = std::ranges::find_if(passes_, [&](const WalletPass& each) {
    return crypto::merchant_hash(each.id) == question->merchant;
  });
  // In VAS-only mode one pass is on the screen, and only that one is given.
  if (pass == passes_.end() || (question->mode == kVasOnly && gave_one_)) return only(kNotFound);
  if (options_.state == PhoneState::locked) return only(kVasLocked);
  if (options_.state == PhoneState::choose) return only(kVasChoose);
  return give(*pass);
}

std::optional<VirtualIphone::Question> VirtualIphone::read_question(const CommandApdu& command) {
  const auto list = TlvList::parse(command.data());
  if (!list || has_doubles(*list)) return std::nullopt;
  const auto version = list->find(0x9F22);
  const auto capabilities = list->find(0x9F26);
  const auto merchant = list->find(0x9F25);
  const auto url = list->find(0x9F29);
  if (!version || version->size() != 2 || be16(*version) != 0x0100) return std::nullopt;
  if (!capabilities || !are_capabilities(*capabilities)) return std::nullopt;
  if (!is_optional_of(*list, 0x9F28, 4) || !is_filter(list->find(0x9F2B))) return std::nullopt;
  if (url && url->empty()) return std::nullopt;

  Question question{
      command.p2() == 0x00, {}, static_cast<std::uint8_t>((*capabilities)[3] & kModeBits)};
  if (question.url_only) return !merchant && url ? std::optional(question) : std::nullopt;
  std::array<std::uint8_t, 32> hash{};
  if (!merchant || merchant->size() != hash.size()) return std::nullopt;
  std::ranges::copy(*merchant, hash.begin());
  question.merchant = MerchantHash(hash);
  return question;
}

Bytes VirtualIphone::give(const WalletPass& pass) {
  const auto message = ByteView(pass.message).first(std::min(pass.message.size(), kLongestMessage));
  auto sealed = crypto::seal_vas(pass.terminal_key, pass.id, stamp(), message);
  // A pass whose key is none cannot be made; a phone would not have it.
  if (!sealed) return only(kNotFound);
  if (options_.tamper) sealed->back() ^= 0x01;
  gave_one_ = true;
  Bytes inside;
  apdu::append_tlv(inside, 0x9F2A, {});
  apdu::append_tlv(inside, 0x9F27, *sealed);
  Bytes body;
  apdu::append_tlv(body, 0x70, inside);
  return with_status(std::move(body), apdu::kSuccess);
}

WallTime VirtualIphone::stamp() const {
  return options_.stamp.value_or(clock_.now()) + options_.stamp_skew;
}

}  // namespace passgate::sim
