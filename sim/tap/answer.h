// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "apdu/apdu.h"
#include "core/bytes.h"

namespace passgate::sim {

/// A phone's answer on the wire: data, then the status word.
inline Bytes with_status(Bytes data, apdu::StatusWord sw) {
  append_be16(data, sw.value());
  return data;
}
/// An answer without data.
inline Bytes only(apdu::StatusWord sw) {
  return with_status({}, sw);
}

}  // namespace passgate::sim
