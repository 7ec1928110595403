// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "apdu/pcsc/reader_state.h"
#include "core/clock.h"
#include "core/result.h"

namespace passgate::apdu::pcsc {

/// A context's number (SCARDCONTEXT); 0 is none.
using ContextId = long;

/// Wakes the wait that goes on in the context, if one does: a cancel that comes
/// between two waits is lost, so whoever wants a thread to stop repeats it.
/// Any thread; a number that is no longer a context does no harm. May block
/// while pcscd itself is stopped (SIGSTOP).
void cancel_wait(ContextId context) noexcept;

/// One connection to pcscd. Used by one thread; pcsc-lite locks a context
/// during each call, so threads that shared one would wait for each other.
///
/// After `pcsc_unavailable` a context stays dead even when pcscd is back:
/// establish another.
class Context {
 public:
  /// Errors: pcsc_unavailable.
  static Result<Context> establish();
  Context(Context&& other) noexcept : id_(std::exchange(other.id_, 0)) {}
  Context& operator=(Context&& other) noexcept;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();

  ContextId id() const noexcept { return id_; }

  /// The names of all readers; none is not an error. Errors: pcsc_unavailable.
  Result<std::vector<std::string>> readers() const;

  /// Waits until the reader's state is no longer `known`, at most `timeout`
  /// (use a few seconds: see cancel_wait). Returns the state, changed or not.
  /// Errors: reader_gone (pcscd does not list it), pcsc_unavailable.
  Result<ReaderState> wait_for_change(const std::string& reader, ReaderState known,
                                      Milliseconds timeout) const;

  /// Waits until the number of readers changes, at most `timeout`. A change
  /// between two calls is lost: list the readers after each return.
  /// Errors: pcsc_unavailable.
  Status wait_for_readers(Milliseconds timeout) const;

 private:
  explicit Context(ContextId id) noexcept : id_(id) {}
  ContextId id_;
};

}  // namespace passgate::apdu::pcsc
