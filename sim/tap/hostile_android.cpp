// SPDX-License-Identifier: Apache-2.0
#include "sim/tap/hostile_android.h"

#include <algorithm>
#include <array>

#include "apdu/ndef.h"
#include "apdu/tlv.h"
#include "sim/tap/answer.h"
#include "sim/tap/google_object.h"

namespace passgate::sim {
namespace {

using apdu::NdefWriter;

constexpr std::size_t kSessionAt = 19;  // of NEGOTIATE and of GET DATA, in the record `ses`
constexpr std::size_t kSessionSize = 8;

/// The generator of P-256: a point of the curve that needs no arithmetic.
constexpr std::array<std::uint8_t, 33> kGenerator = {
    0x03, 0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC,
    0xE6, 0xE5, 0x63, 0xA4, 0x40, 0xF2, 0x77, 0x03, 0x7D, 0x81, 0x2D,
    0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96};

Bytes select(ByteView command) {
  const bool applet = command.size() > 5 && command[5] == 0xA0;  // A000000476D0000111
  if (applet) {
    Bytes nonce(33, 0x5A);
    nonce[0] = 0x04;  // binary
    Bytes answer = {0x00, 0x00, 0x00, 0x01};
    append(answer, NdefWriter().add(apdu::Tnf::external, "mdn", "mdn", nonce).bytes());
    return with_status(answer, apdu::kSuccess);
  }
  Bytes inside;
  apdu::append_tlv(inside, 0x50, bytes_of("AndroidPay"));
  Bytes fci;
  apdu::append_tlv(fci, 0x6F, inside);
  return with_status(fci, apdu::kSuccess);
}

Bytes answer_in_session(ByteView command, std::string_view name, std::string_view value_name,
                        ByteView value) {
  Bytes position(kSessionSize, 0);
  if (command.size() >= kSessionAt + kSessionSize) {
    std::ranges::copy(command.subspan(kSessionAt, kSessionSize), position.begin());
  }
  position.push_back(2);  // sequence
  position.push_back(1);  // OK
  NdefWriter inside;
  inside.add("ses", position).add(value_name, value);
  return NdefWriter().add(name, inside.bytes()).bytes();
}

}  // namespace

Bytes hostile_android_answer(ByteView command, Bytes (*bundle)()) {
  const std::uint8_t ins = command.size() > 1 ? command[1] : 0;
  if (ins == 0xA4) return select(command);
  if (ins == 0x53) {
    return with_status(answer_in_session(command, "nrs", "dpk", kGenerator), apdu::kSuccess);
  }
  if (bundle == nullptr) return with_status(Bytes(200, 0xD4), apdu::StatusWord(0x9100));
  return with_status(answer_in_session(command, "srs", "reb", bundle()), apdu::kSuccess);
}

Bytes bomb() {
  Bytes bundle = {0x02};  // compressed
  append(bundle, deflate(Bytes(std::size_t{4} * 1024 * 1024, 0)));
  return bundle;
}

Bytes lying_bundle() {
  return {0x00, 0xC4, 0x03, 0xFF, 0xFF, 0xFF, 0xFF, 'a', 's', 'v'};
}

}  // namespace passgate::sim
