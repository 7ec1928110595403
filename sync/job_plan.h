// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "gate/tap_record.h"
#include "sync/store/outbox.h"

namespace passgate::sync {

/// Who is to be told of what.
struct Routes {
  struct Subscriber {
    std::string name;
    std::set<std::string, std::less<>> events;  ///< Event types.
  };
  std::vector<Subscriber> subscribers;
  std::set<std::string, std::less<>> redeeming_providers;  ///< That record uses.
};

/// The work the records cause, in their order. Pure.
std::vector<NewJob> jobs_of(std::span<const gate::TapRecord> records, const Routes& routes);

}  // namespace passgate::sync
