// SPDX-License-Identifier: Apache-2.0
#include "apdu/pcsc/context.h"

#include <winscard.h>

#include <string_view>
#include <type_traits>

#include "apdu/pcsc/return_code.h"

namespace passgate::apdu::pcsc {
namespace {

static_assert(std::is_same_v<SCARDCONTEXT, ContextId>);

/// pcsc-lite's pseudo reader for "a reader came or went".
constexpr const char* kPlugAndPlay = "\\\\?PnP?\\Notification";

bool is_plain_return(LONG code) {
  return code == SCARD_S_SUCCESS || code == SCARD_E_TIMEOUT || code == SCARD_E_CANCELLED;
}

Result<ReaderState> ask(ContextId context, const char* reader, ReaderState known,
                        Milliseconds timeout) {
  SCARD_READERSTATE entry{};
  entry.szReader = reader;
  entry.dwCurrentState = known.known();
  const LONG code = SCardGetStatusChange(context, static_cast<DWORD>(timeout.count()), &entry, 1);
  if (!is_plain_return(code)) return std::unexpected(error_of(code));
  return ReaderState::from_event(entry.dwEventState);
}

}  // namespace

void cancel_wait(ContextId context) noexcept {
  if (context != 0) SCardCancel(context);
}

Result<Context> Context::establish() {
  SCARDCONTEXT id = 0;
  const LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &id);
  if (code != SCARD_S_SUCCESS) return fail(Errc::pcsc_unavailable, error_of(code).detail());
  return Context(id);
}

Context& Context::operator=(Context&& other) noexcept {
  std::swap(id_, other.id_);
  return *this;
}

Context::~Context() {
  if (id_ != 0) SCardReleaseContext(id_);
}

Result<std::vector<std::string>> Context::readers() const {
  // As large as pcscd can fill it: asking for the size first would be a race.
  std::string names(PCSCLITE_MAX_READERS_CONTEXTS * MAX_READERNAME + 1, '\0');
  DWORD length = names.size();
  const LONG code = SCardListReaders(id_, nullptr, names.data(), &length);
  std::vector<std::string> list;
  if (code == SCARD_E_NO_READERS_AVAILABLE) return list;
  if (code != SCARD_S_SUCCESS) return std::unexpected(error_of(code));
  std::string_view rest(names.data(), length);
  while (!rest.empty() && rest.front() != '\0') {
    const auto end = rest.find('\0');
    list.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return list;
}

Result<ReaderState> Context::wait_for_change(const std::string& reader, ReaderState known,
                                             Milliseconds timeout) const {
  // pcsc-lite takes a counter of 0 for "none given" and would not see that one
  // card left and another came since. 0 is real: at pcscd's start, and once in
  // every 65536 events. So look first, then wait.
  if (known.is_known() && known.events() == 0) {
    const auto now = ask(id_, reader.c_str(), ReaderState{}, timeout);
    if (!now || *now != known) return now;
  }
  return ask(id_, reader.c_str(), known, timeout);
}

Status Context::wait_for_readers(Milliseconds timeout) const {
  const auto state = ask(id_, kPlugAndPlay, ReaderState{}, timeout);
  if (!state) return std::unexpected(state.error());
  return {};
}

}  // namespace passgate::apdu::pcsc
