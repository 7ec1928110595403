// SPDX-License-Identifier: Apache-2.0
#include "gate/sqlite_error.h"

#include <sqlite3.h>

namespace passgate::gate {
namespace {

Errc meaning(int code) noexcept {
  switch (code & 0xFF) {  // the primary code of an extended one
    case SQLITE_FULL: return Errc::storage_full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Errc::storage_busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR: return Errc::storage_corrupt;  // our fixed SQL fails: not our schema
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH: return Errc::bad_value;
    case SQLITE_TOOBIG: return Errc::too_large;
    default: return Errc::storage_unwritable;
  }
}

}  // namespace

Error storage_error(const SQLite::Exception& exception, std::source_location where) noexcept {
  const int code = exception.getExtendedErrorCode() > 0 ? exception.getExtendedErrorCode()
                                                        : exception.getErrorCode();
  return Error(meaning(exception.getErrorCode()), code, where);
}

}  // namespace passgate::gate
