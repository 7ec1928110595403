// SPDX-License-Identifier: Apache-2.0
// BER-TLV, commands and answers from any bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "apdu/apdu.h"
#include "apdu/tlv.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/input.h"

namespace passgate::fuzz {
namespace {

using apdu::CommandApdu;
using apdu::TlvElement;
using apdu::TlvList;

constexpr Errc kErrors[] = {Errc::bad_length, Errc::bad_value, Errc::too_large};

bool same(const TlvElement& a, const TlvElement& b) {
  return a.tag == b.tag && std::ranges::equal(a.value, b.value);
}

void look_into(const Result<TlvList>& list, unsigned depth) {
  if (!list) {
    FUZZ_EXPECT(std::ranges::find(kErrors, list.error().code()) != std::end(kErrors));
    return;
  }
  FUZZ_EXPECT(depth <= TlvList::kMaxDepth && list->elements().size() <= TlvList::kMaxElements);
  Bytes written;
  for (const TlvElement& element : list->elements()) {
    apdu::append_tlv(written, element.tag, element.value);
    FUZZ_EXPECT(list->find(element.tag).has_value());
  }
  const auto again = TlvList::parse(written);
  FUZZ_EXPECT(again && std::ranges::equal(list->elements(), again->elements(), same));
  for (const TlvElement& element : list->elements()) {
    const auto inside = list->inside(element);
    // By its tag the first of several is meant; once is enough, for time's sake.
    if (list->find(element.tag)->data() == element.value.data()) {
      FUZZ_EXPECT(list->inside(element.tag).has_value() == inside.has_value());
    }
    look_into(inside, depth + 1);
  }
}

void read_command(ByteView wire) {
  const auto command = CommandApdu::parse(wire);
  if (!command) {
    const Errc code = command.error().code();
    FUZZ_EXPECT(code == Errc::too_short || code == Errc::bad_length);
    return;
  }
  FUZZ_EXPECT(std::ranges::equal(command->wire(), wire));
  const auto data = command->data();
  const auto again = CommandApdu::parse(command->with_le(256).wire());
  FUZZ_EXPECT(again && again->le() == 256U && std::ranges::equal(again->data(), data));
  FUZZ_EXPECT(again->cla() == wire[0] && again->ins() == wire[1] && again->p1() == wire[2] &&
              again->p2() == wire[3]);
}

void read_answer(ByteView wire) {
  const auto answer = apdu::ResponseView::parse(wire);
  FUZZ_EXPECT(answer.has_value() == (wire.size() >= 2));
  if (!answer) return;
  FUZZ_EXPECT(answer->data().size() + 2 == wire.size());
  FUZZ_EXPECT(answer->sw().sw1() == wire[wire.size() - 2] && answer->sw().sw2() == wire.back());
}

}  // namespace
}  // namespace passgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passgate;
  const Bytes bytes = fuzz::exact({data, size});
  fuzz::look_into(apdu::TlvList::parse(bytes), 1);
  fuzz::read_command(bytes);
  fuzz::read_answer(bytes);
  return 0;
}
