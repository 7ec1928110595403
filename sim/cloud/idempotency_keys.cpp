// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/idempotency_keys.h"

#include <utility>

#include "core/bytes.h"
#include "crypto/digest.h"

namespace passgate::sim {

std::string IdempotencyKeys::digest_of(const HttpRequest& request) {
  std::string text = request.method;
  for (const auto& segment : request.target.segments) text.append("\n").append(segment);
  text.append("\n\n").append(request.body);
  return to_hex(crypto::sha256(bytes_of(text)));
}

const IdempotencyKeys::Kept* IdempotencyKeys::find(const std::string& key, WallTime now) const {
  const auto found = kept_.find(key);
  if (found == kept_.end() || now - found->second.at >= kKept) return nullptr;
  return &found->second;
}

void IdempotencyKeys::keep(const std::string& key, Kept what) {
  const auto [entry, fresh] = kept_.insert_or_assign(key, std::move(what));
  if (fresh) order_.push_back(entry->first);
  if (order_.size() <= kMost) return;
  kept_.erase(order_.front());
  order_.pop_front();
}

}  // namespace passgate::sim
