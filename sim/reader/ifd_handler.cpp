// SPDX-License-Identifier: Apache-2.0
// The entry points pcscd calls (IFD handler API 3.0): a thin cover over
// VirtualReader. Names, types and the global table are what the API demands.
// DEVICENAME is "/dev/null:<card socket>"; pcscd only checks the part before
// the colon.
extern "C" {
#include <ifdhandler.h>
#include <reader.h>
}

#include <array>
#include <cstring>
#include <memory>

#include "sim/reader/virtual_reader.h"

// NOLINTBEGIN(misc-unused-parameters): the signatures are the API's.
namespace {

using passgate::sim::VirtualReader;
using Outcome = VirtualReader::Outcome;

constexpr std::size_t kMaxReaders = 16;  // pcscd's own limit
constexpr DWORD kControlBase = SCARD_CTL_CODE(0);

std::array<std::unique_ptr<VirtualReader>, kMaxReaders> readers;

/// pcscd numbers readers in the upper half of the Lun, slots in the lower.
VirtualReader* reader_of(DWORD lun) {
  const auto index = static_cast<std::size_t>(lun >> 16);
  return index < kMaxReaders && (lun & 0xFFFF) == 0 ? readers[index].get() : nullptr;
}

RESPONSECODE code_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::done: return IFD_SUCCESS;
    case Outcome::gone: return IFD_NO_SUCH_DEVICE;
    case Outcome::failed: return IFD_COMMUNICATION_ERROR;
    case Outcome::timed_out: return IFD_RESPONSE_TIMEOUT;
    case Outcome::not_supported: return IFD_ERROR_NOT_SUPPORTED;
  }
  return IFD_COMMUNICATION_ERROR;
}

RESPONSECODE report(VirtualReader::Answer answer, PDWORD length) {
  *length = answer.length;
  return code_of(answer.outcome);
}

RESPONSECODE wait_for_card(DWORD lun, int timeout_ms) {
  auto* reader = reader_of(lun);
  if (reader == nullptr) return IFD_NO_SUCH_DEVICE;
  reader->wait(timeout_ms);
  return IFD_SUCCESS;  // anything else makes pcscd sleep 400 ms
}

RESPONSECODE stop_waiting(DWORD lun) {
  if (auto* reader = reader_of(lun)) reader->interrupt();
  return IFD_SUCCESS;
}

template <class T>
RESPONSECODE give(T value, PDWORD length, PUCHAR into) {
  if (*length < sizeof value) return IFD_ERROR_INSUFFICIENT_BUFFER;
  std::memcpy(into, static_cast<const void*>(&value), sizeof value);
  *length = sizeof value;
  return IFD_SUCCESS;
}

}  // namespace

// The header above, which names no language, gives these their C linkage.

RESPONSECODE IFDHCreateChannel(DWORD, DWORD) {
  return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName) {
  const char* colon = std::strchr(DeviceName, ':');
  const auto index = static_cast<std::size_t>(Lun >> 16);
  if (colon == nullptr || index >= kMaxReaders) return IFD_COMMUNICATION_ERROR;
  readers[index] = VirtualReader::create(colon + 1);
  return readers[index] ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

RESPONSECODE IFDHCloseChannel(DWORD Lun) {
  if (reader_of(Lun) == nullptr) return IFD_COMMUNICATION_ERROR;
  readers[static_cast<std::size_t>(Lun >> 16)].reset();
  return IFD_SUCCESS;
}

RESPONSECODE IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value) {
  auto* reader = reader_of(Lun);
  switch (Tag) {
    case TAG_IFD_ATR:
    case SCARD_ATTR_ATR_STRING:
      if (reader == nullptr) return IFD_COMMUNICATION_ERROR;
      return report(reader->ask_atr({Value, *Length}), Length);
    case TAG_IFD_SIMULTANEOUS_ACCESS: return give(static_cast<UCHAR>(kMaxReaders), Length, Value);
    case TAG_IFD_THREAD_SAFE:
    case TAG_IFD_SLOTS_NUMBER: return give(UCHAR{1}, Length, Value);
    case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT: return give(&wait_for_card, Length, Value);
    case TAG_IFD_STOP_POLLING_THREAD: return give(&stop_waiting, Length, Value);
    default: *Length = 0; return IFD_ERROR_TAG;
  }
}

RESPONSECODE IFDHSetCapabilities(DWORD, DWORD, DWORD, PUCHAR) {
  return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHSetProtocolParameters(DWORD, DWORD, UCHAR, UCHAR, UCHAR, UCHAR) {
  return IFD_SUCCESS;
}

RESPONSECODE IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength) {
  auto* reader = reader_of(Lun);
  if (reader == nullptr) return IFD_COMMUNICATION_ERROR;
  const auto power = Action == IFD_POWER_DOWN ? VirtualReader::Power::off
                     : Action == IFD_POWER_UP ? VirtualReader::Power::on
                                              : VirtualReader::Power::reset;
  return report(reader->power(power, {Atr, *AtrLength}), AtrLength);
}

RESPONSECODE IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER, PUCHAR TxBuffer, DWORD TxLength,
                               PUCHAR RxBuffer, PDWORD RxLength, PSCARD_IO_HEADER RecvPci) {
  auto* reader = reader_of(Lun);
  if (reader == nullptr) return IFD_COMMUNICATION_ERROR;
  RecvPci->Protocol = 1;  // T=1, what contactless readers report
  return report(reader->transmit({TxBuffer, TxLength}, {RxBuffer, *RxLength}), RxLength);
}

RESPONSECODE IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength,
                         PUCHAR RxBuffer, DWORD RxLength, LPDWORD pdwBytesReturned) {
  auto* reader = reader_of(Lun);
  if (reader == nullptr) return IFD_COMMUNICATION_ERROR;
  return report(reader->control(static_cast<std::uint32_t>(dwControlCode - kControlBase),
                                {TxBuffer, TxLength}, {RxBuffer, RxLength}),
                pdwBytesReturned);
}

RESPONSECODE IFDHICCPresence(DWORD Lun) {
  auto* reader = reader_of(Lun);
  if (reader == nullptr) return IFD_NO_SUCH_DEVICE;
  switch (reader->presence()) {
    case VirtualReader::Presence::present: return IFD_ICC_PRESENT;
    case VirtualReader::Presence::absent: return IFD_ICC_NOT_PRESENT;
    case VirtualReader::Presence::gone: return IFD_NO_SUCH_DEVICE;
  }
  return IFD_ICC_NOT_PRESENT;
}

// NOLINTEND(misc-unused-parameters)
