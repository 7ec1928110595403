// SPDX-License-Identifier: Apache-2.0
// NdefMessage on any bytes: every record is read to its last byte and looked
// into, and what was understood can be written and read again.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "apdu/ndef.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/input.h"

namespace passgate::fuzz {
namespace {

using apdu::NdefMessage;
using apdu::NdefRecord;
using apdu::Tnf;

constexpr Errc kErrors[] = {Errc::too_short, Errc::bad_length, Errc::bad_value, Errc::too_large};
constexpr std::size_t kVersionBytes = 2;  // Before the message in ngr and srq.

bool same(const NdefRecord& a, const NdefRecord& b) {
  return a.tnf == b.tnf && std::ranges::equal(a.type, b.type) && std::ranges::equal(a.id, b.id) &&
         std::ranges::equal(a.payload, b.payload);
}

void write_and_read_again(const NdefMessage& message) {
  apdu::NdefWriter writer;
  for (const NdefRecord& record : message.records()) {
    writer.add(static_cast<Tnf>(record.tnf), text_of(record.type), text_of(record.id),
               record.payload);
  }
  const auto again = NdefMessage::parse(writer.bytes());
  FUZZ_EXPECT(again && std::ranges::equal(message.records(), again->records(), same));
}

void look_into(const Result<NdefMessage>& message, unsigned depth) {
  if (!message) {
    FUZZ_EXPECT(std::ranges::find(kErrors, message.error().code()) != std::end(kErrors));
    return;
  }
  FUZZ_EXPECT(depth <= NdefMessage::kMaxDepth);
  FUZZ_EXPECT(!message->records().empty());
  FUZZ_EXPECT(message->records().size() <= NdefMessage::kMaxRecords);
  write_and_read_again(*message);
  for (const NdefRecord& record : message->records()) {
    const auto* found = message->find(text_of(record.type));
    FUZZ_EXPECT(found != nullptr && found->is(text_of(record.type)));
    look_into(message->inside(record), depth + 1);
    look_into(message->inside(record, kVersionBytes), depth + 1);
  }
}

}  // namespace
}  // namespace passgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passgate;
  const Bytes bytes = fuzz::exact({data, size});
  fuzz::look_into(apdu::NdefMessage::parse(bytes), 1);
  return 0;
}
