// SPDX-License-Identifier: Apache-2.0
// The PC/SC adapter against any pcscd and any reader: this program brings its
// own SCard… functions, which answer what the input says - within pcsc-lite's
// contract: no answer is longer than the room for it. Whatever they answer, every
// connection and every context that was opened is closed, once.
//   name[1], then steps: what[1], then what the functions called take
#include <reader.h>
#include <winscard.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "apdu/pcsc/card.h"
#include "apdu/pcsc/context.h"
#include "apdu/pcsc/reader_lamp.h"
#include "apdu/pcsc/return_code.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/input.h"

namespace {

using namespace passgate;

/// pcscd as far as this program has one.
struct Daemon {
  fuzz::Input* input = nullptr;
  long next = 1;
  std::set<long> contexts;
  std::set<long> handles;
};
Daemon daemon_of_this_run;  // NOLINT: a C interface has no other place for it

constexpr LONG kCodes[] = {SCARD_S_SUCCESS,
                           SCARD_S_SUCCESS,
                           SCARD_S_SUCCESS,
                           SCARD_S_SUCCESS,
                           SCARD_E_SHARING_VIOLATION,
                           SCARD_W_REMOVED_CARD,
                           SCARD_E_NO_SMARTCARD,
                           SCARD_E_TIMEOUT,
                           SCARD_E_CANCELLED,
                           SCARD_E_NO_SERVICE,
                           SCARD_E_UNKNOWN_READER,
                           SCARD_E_READER_UNAVAILABLE,
                           SCARD_E_NOT_TRANSACTED,
                           SCARD_E_NO_READERS_AVAILABLE,
                           SCARD_E_INSUFFICIENT_BUFFER,
                           static_cast<LONG>(0x80104242)};

LONG code() {
  return kCodes[daemon_of_this_run.input->byte() % std::size(kCodes)];
}

/// Copies the next block of the input, as much as there is room for.
std::size_t fill(void* to, std::size_t room) {
  const ByteView block = daemon_of_this_run.input->block();
  const std::size_t size = std::min(block.size(), room);
  if (size > 0) std::copy_n(block.begin(), size, static_cast<std::uint8_t*>(to));
  return size;
}

LONG opened(std::set<long>& open, long* id) {
  const LONG said = code();
  if (said != SCARD_S_SUCCESS) return said;
  *id = daemon_of_this_run.next++;
  open.insert(*id);
  return said;
}

const std::array<const char*, 6> kReaders = {
    "ACS ACR122U PICC Interface 00 00", "ACS ACR1252 1S CL Reader 00 00",
    "ACS ACR1552 1S CL Reader 00 00",   "Passgate Virtual Reader 00 00",
    "SCM Microsystems SCL3711 00 00",   ""};

void check(const Error& error) {
  // A code of pcscd has a name; our own have none to look up.
  if (error.detail() != 0) FUZZ_EXPECT(!apdu::pcsc::return_code_name(error.detail()).empty());
}
template <class T>
void check(const Result<T>& result) {
  if (!result) check(result.error());
}

/// One program's dealings with one reader.
class Dealings {
 public:
  Dealings(fuzz::Input& input, apdu::pcsc::Context& context)
      : input_(input),
        context_(context),
        reader_(kReaders[input.byte() % kReaders.size()]),
        lamp_(context_, reader_, [this](const Error& why) {
          FUZZ_EXPECT(!std::exchange(lamp_failed_, true));  // told once
          check(why);
        }) {}

  void step() {
    switch (input_.byte() % 8) {
      case 0: return list();
      case 1: return wait();
      case 2: return check(context_.wait_for_readers(Milliseconds(1)));
      case 3: return connect();
      case 4: return transmit();
      case 5: return release();
      case 6: return lamp_.show(static_cast<apdu::Signal>(input_.byte() % 4));
      default: return apdu::pcsc::cancel_wait(input_.byte() % 2 == 0 ? context_.id() : 0);
    }
  }

 private:
  void list() {
    const auto readers = context_.readers();
    check(readers);
    if (!readers) return;
    for (const std::string& name : *readers) FUZZ_EXPECT(!name.empty() && !name.contains('\0'));
  }
  void wait() {
    const auto state = context_.wait_for_change(reader_, known_, Milliseconds(1));
    check(state);
    if (state) known_ = *state;
    // All a caller can ask of a state; none of it is more than a flag.
    FUZZ_EXPECT(!(known_.mute() && !known_.is_known()) && known_ == known_);
    FUZZ_EXPECT(!known_.unavailable() || known_.is_known());
    FUZZ_EXPECT(!known_.card_present() || known_.is_known());
  }
  void connect() {
    lamp_.use(nullptr);
    card_.reset();
    auto card = apdu::pcsc::Card::connect(context_, reader_);
    check(card);
    if (!card) return;
    FUZZ_EXPECT(daemon_of_this_run.handles.contains(card->handle()));
    card_.emplace(std::move(*card));
    lamp_.use(&*card_);
  }
  void transmit() {
    if (!card_) return;
    const auto answer = card_->transmit(apdu::CommandApdu::case1(0x00, 0xA4, 0x04, 0x00));
    check(answer);
    if (!answer) return;
    FUZZ_EXPECT(card_->handle() != 0 && answer->size() <= MAX_BUFFER_SIZE_EXTENDED);
    FUZZ_EXPECT(fuzz::exact(*answer).size() == answer->size());  // reads all of it
  }
  void release() {
    if (!card_) return;
    card_->release();
    FUZZ_EXPECT(card_->handle() == 0);
  }

  fuzz::Input& input_;
  apdu::pcsc::Context& context_;
  std::string reader_;
  bool lamp_failed_ = false;
  apdu::pcsc::ReaderLamp lamp_;
  std::optional<apdu::pcsc::Card> card_;
  apdu::pcsc::ReaderState known_;
};

}  // namespace

// pcsc-lite's, as winscard.h declares them.
LONG SCardEstablishContext(DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT context) {
  return opened(daemon_of_this_run.contexts, context);
}
LONG SCardReleaseContext(SCARDCONTEXT context) {
  FUZZ_EXPECT(daemon_of_this_run.contexts.erase(context) == 1);
  return SCARD_S_SUCCESS;
}
LONG SCardListReaders(SCARDCONTEXT, LPCSTR, LPSTR readers, LPDWORD size) {
  const LONG said = code();
  if (said == SCARD_S_SUCCESS) *size = fill(readers, *size);
  return said;
}
LONG SCardGetStatusChange(SCARDCONTEXT, DWORD, SCARD_READERSTATE* states, DWORD count) {
  FUZZ_EXPECT(count == 1);
  const auto high = daemon_of_this_run.input->number();
  states[0].dwEventState = DWORD{high} << 16 | daemon_of_this_run.input->number();
  return code();
}
LONG SCardCancel(SCARDCONTEXT context) {
  FUZZ_EXPECT(daemon_of_this_run.contexts.contains(context));
  return code();
}
LONG SCardConnect(SCARDCONTEXT, LPCSTR, DWORD, DWORD, LPSCARDHANDLE handle, LPDWORD protocol) {
  const LONG said = opened(daemon_of_this_run.handles, handle);
  if (said == SCARD_S_SUCCESS) *protocol = daemon_of_this_run.input->byte();
  return said;
}
LONG SCardBeginTransaction(SCARDHANDLE handle) {
  FUZZ_EXPECT(daemon_of_this_run.handles.contains(handle));
  return code();
}
LONG SCardDisconnect(SCARDHANDLE handle, DWORD) {
  FUZZ_EXPECT(daemon_of_this_run.handles.erase(handle) == 1);
  return code();  // it may fail; the handle is gone all the same
}
LONG SCardTransmit(SCARDHANDLE handle, const SCARD_IO_REQUEST*, LPCBYTE, DWORD, SCARD_IO_REQUEST*,
                   LPBYTE answer, LPDWORD size) {
  FUZZ_EXPECT(daemon_of_this_run.handles.contains(handle));
  const LONG said = code();
  if (said == SCARD_S_SUCCESS) *size = fill(answer, *size);
  return said;
}
LONG SCardControl(SCARDHANDLE handle, DWORD, LPCVOID, DWORD, LPVOID answer, DWORD room,
                  LPDWORD size) {
  FUZZ_EXPECT(daemon_of_this_run.handles.contains(handle));
  const LONG said = code();
  if (said == SCARD_S_SUCCESS) *size = fill(answer, room);
  return said;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  daemon_of_this_run = {.input = &input};
  {
    auto context = apdu::pcsc::Context::establish();
    check(context);
    auto second = apdu::pcsc::Context::establish();
    if (context && second) *context = std::move(*second);  // the number moves, nothing is lost
    if (context) {
      Dealings dealings(input, *context);
      while (!input.empty()) dealings.step();
    }
  }
  FUZZ_EXPECT(daemon_of_this_run.handles.empty() && daemon_of_this_run.contexts.empty());
  return 0;
}
