// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/bytes.h"
#include "core/result.h"
#include "sync/http/http_client.h"

namespace passgate::sync {

/// A payload that another holder of the keys opened.
struct RemotelyOpened {
  Bytes payload;
  std::optional<std::string> stamped_at;  ///< RFC 3339; only another passgate says it.
};

/// Reads what PassNinja's decrypt call, or ours (docs/http.md), answers. Pure.
/// Errors: auth_failed (it does not open with their keys), not_listed (they do
/// not know the template), rejected (our key or account, status as detail),
/// rate_limited, bad_reply (status as detail).
Result<RemotelyOpened> read_remote_answer(const HttpAnswer& answer);

}  // namespace passgate::sync
