// SPDX-License-Identifier: Apache-2.0
#include "core/result.h"

namespace passgate {

std::string_view name(Errc code) noexcept {
  switch (code) {
    case Errc::card_removed: return "card_removed";
    case Errc::reader_gone: return "reader_gone";
    case Errc::pcsc_unavailable: return "pcsc_unavailable";
    case Errc::input_device_unavailable: return "input_device_unavailable";
    case Errc::untypable: return "untypable";
    case Errc::too_many_requests: return "too_many_requests";
    case Errc::caps_lock_stuck: return "caps_lock_stuck";
    case Errc::too_short: return "too_short";
    case Errc::bad_length: return "bad_length";
    case Errc::bad_value: return "bad_value";
    case Errc::bad_hex: return "bad_hex";
    case Errc::bad_version: return "bad_version";
    case Errc::too_large: return "too_large";
    case Errc::unexpected_status: return "unexpected_status";
    case Errc::no_cryptogram: return "no_cryptogram";
    case Errc::out_of_sequence: return "out_of_sequence";
    case Errc::bad_compression: return "bad_compression";
    case Errc::missing_record: return "missing_record";
    case Errc::wrong_session: return "wrong_session";
    case Errc::too_old: return "too_old";
    case Errc::contradicts: return "contradicts";
    case Errc::unknown_key: return "unknown_key";
    case Errc::bad_key: return "bad_key";
    case Errc::bad_point: return "bad_point";
    case Errc::auth_failed: return "auth_failed";
    case Errc::short_plaintext: return "short_plaintext";
    case Errc::secret_too_open: return "secret_too_open";
    case Errc::secret_unreadable: return "secret_unreadable";
    case Errc::unknown_collector: return "unknown_collector";
    case Errc::storage_busy: return "storage_busy";
    case Errc::storage_full: return "storage_full";
    case Errc::storage_corrupt: return "storage_corrupt";
    case Errc::storage_unwritable: return "storage_unwritable";
    case Errc::use_taken: return "use_taken";
    case Errc::unreachable: return "unreachable";
    case Errc::deadline_exceeded: return "deadline_exceeded";
    case Errc::rejected: return "rejected";
    case Errc::rate_limited: return "rate_limited";
    case Errc::bad_reply: return "bad_reply";
    case Errc::stopped: return "stopped";
    case Errc::not_offered: return "not_offered";
    case Errc::not_listed: return "not_listed";
    case Errc::connection_lost: return "connection_lost";
    case Errc::no_such_tap: return "no_such_tap";
    case Errc::not_refused: return "not_refused";
    case Errc::not_overridable: return "not_overridable";
    case Errc::not_admitted: return "not_admitted";
  }
  return "unlisted";
}

}  // namespace passgate
