// SPDX-License-Identifier: Apache-2.0
#include "sync/provider/passninja_look_up.h"

#include <algorithm>

#include "sync/http/url.h"
#include "sync/provider/pass_reading.h"
#include "sync/provider/passninja_errors.h"
#include "sync/provider/passninja_page.h"

namespace passgate::sync {

LookUpStep PassNinjaLookUp::start() {
  return passninja_list(settings_, of_, 1, "&search=" + percent_encode(name_));
}

LookUpStep PassNinjaLookUp::take(const HttpAnswer& answer, WallTime now) {
  if (auto failure = passninja_failure_of(answer, now)) return *failure;
  if (answer.status != 200) return bad_reply();
  const auto page = passninja_page(answer.body, of_, settings_.status_map);
  if (!page || page->page != 1) return bad_reply();
  const auto exact = std::ranges::find_if(page->rows, [this](const PassNinjaPage::Row& row) {
    return row.id == name_ || row.serial == name_;
  });
  if (exact != page->rows.end()) return exact->mirror;
  if (page->pages > 1) return bad_reply();  // It may be behind so many that look like it.
  return Gone{};
}

}  // namespace passgate::sync
