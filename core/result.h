// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <source_location>
#include <string_view>

namespace passgate {

/// Every way passgate can fail in normal service. One closed list, grouped by
/// hundreds; the name doubles as log field and as the error a command prints.
/// Adding a value means adding it to `name()` and to docs/errors.md.
enum class Errc : std::uint16_t {
  // The reader edge.
  card_removed = 100,
  reader_gone,
  pcsc_unavailable,
  input_device_unavailable,
  untypable,
  too_many_requests,
  caps_lock_stuck,
  // What came over a wire does not read as it should.
  too_short = 200,
  bad_length,
  bad_value,
  bad_hex,
  bad_version,
  too_large,
  unexpected_status,
  no_cryptogram,
  out_of_sequence,
  bad_compression,
  missing_record,
  wrong_session,
  too_old,
  contradicts,
  // Keys and cryptograms.
  unknown_key = 300,
  bad_key,
  bad_point,
  auth_failed,
  short_plaintext,
  secret_too_open,
  secret_unreadable,
  unknown_collector,
  // Disk.
  storage_busy = 400,
  storage_full,
  storage_corrupt,
  storage_unwritable,
  use_taken,
  // Network and peers.
  unreachable = 500,
  deadline_exceeded,
  rejected,
  rate_limited,
  bad_reply,
  stopped,
  not_offered,
  not_listed,
  connection_lost,
  // What an operator asks of the journal.
  no_such_tap = 600,
  not_refused,
  not_overridable,
  not_admitted,
};

/// What went wrong, without allocation and without free text. `detail` is one
/// number whose meaning is fixed per code (a status word, an errno, an HTTP
/// status, an offset). It never carries card or pass content.
class [[nodiscard]] Error {
 public:
  constexpr explicit Error(Errc code, std::int32_t detail = 0,
                           std::source_location where = std::source_location::current()) noexcept
      : file_(where.file_name()),
        line_(static_cast<int>(where.line())),
        detail_(detail),
        code_(code) {}

  constexpr Errc code() const noexcept { return code_; }
  constexpr std::int32_t detail() const noexcept { return detail_; }
  constexpr std::string_view file() const noexcept { return file_; }  ///< Static storage.
  constexpr int line() const noexcept { return line_; }

  /// Two errors are equal when code and detail are; the place does not matter.
  friend constexpr bool operator==(const Error& a, const Error& b) noexcept {
    return a.code_ == b.code_ && a.detail_ == b.detail_;
  }

 private:
  const char* file_;
  int line_;
  std::int32_t detail_;
  Errc code_;
};

/// Static text, lower_snake_case, stable across releases.
std::string_view name(Errc code) noexcept;

/// A value, or the reason there is none: for failures that belong to service
/// (a card leaves, a host is slow, a phone sends nonsense). A broken
/// precondition is not a Result: it stops the process (PG_REQUIRE).
template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

/// `return fail(Errc::too_short);` from a function that returns a Result.
inline std::unexpected<Error> fail(
    Errc code, std::int32_t detail = 0,
    std::source_location where = std::source_location::current()) noexcept {
  return std::unexpected(Error(code, detail, where));
}

}  // namespace passgate
