// SPDX-License-Identifier: Apache-2.0
#include "sim/cloud/passworks_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "core/clock.h"
#include "sim/cloud/count_parameter.h"

namespace passgate::sim {
namespace {

constexpr std::size_t kPassworksPerPage = 25;
constexpr std::size_t kMaxPerPage = 50;

}  // namespace

ApiAnswer passworks_refusal(const std::string& name, std::string_view text) {
  return {412, {{"errors", {{name, text}}}}, {}, {}};
}

std::expected<PassworksSelection, ApiAnswer> PassworksSelection::read(const PassTemplate& of,
                                                                      const Target& target,
                                                                      bool filters) {
  const auto text = filters ? target.parameter("q[updated_at_gteq]") : std::nullopt;
  WallTime since = WallTime::min();
  if (text) {
    const auto time = from_rfc3339(*text);
    if (!time) return std::unexpected(passworks_refusal("updated_at_gteq", "is not a time"));
    since = *time;
  }
  const auto order = target.parameter("q[s]");
  if (order && order != "updated_at asc") {
    return std::unexpected(passworks_refusal("s", "is not supported here"));
  }
  PassworksSelection made(of);
  if (!text && !order) return made;

  std::vector<std::pair<WallTime, std::size_t>> found;
  for (std::size_t i = 0; i < of.count(); ++i) {
    const auto updated = from_rfc3339(of.at(i).updated).value_or(WallTime{});
    if (updated >= since) found.emplace_back(updated, i);
  }
  if (order) std::ranges::sort(found);
  made.positions_.emplace();
  for (const auto& each : found) made.positions_->push_back(each.second);
  return made;
}

std::expected<PassworksPage, ApiAnswer> passworks_page(const Target& target, std::size_t total,
                                                       const ListQuirks& quirks) {
  const auto number = count_parameter(target, "page", 1);
  if (!number) return std::unexpected(passworks_refusal("page", "is not a positive integer"));
  const auto asked = count_parameter(target, "per_page", kPassworksPerPage);
  if (!asked) return std::unexpected(passworks_refusal("per_page", "is not a positive integer"));
  const std::size_t per_page = std::min(*asked, kMaxPerPage);
  const std::size_t claimed = total + quirks.extra_total;
  const std::size_t last = (claimed + per_page - 1) / per_page;
  const std::size_t shown = quirks.same_page ? 1 : *number;
  const bool more = quirks.same_page || *number < last;

  PassworksPage page;
  // Compared by division: the page number is the client's and may be huge.
  page.begin = shown - 1 > total / per_page ? total : (shown - 1) * per_page;
  page.end = page.begin + std::min(per_page, total - page.begin);
  page.headers = {{"X-Total", fmt::to_string(claimed)},
                  {"X-Total-Pages", fmt::to_string(quirks.same_page ? *number + 1 : last)},
                  {"X-Page", fmt::to_string(*number)},
                  {"X-Per-Page", fmt::to_string(per_page)},
                  {"X-Next-Page", more ? fmt::to_string(*number + 1) : ""},
                  {"X-Prev-Page", *number > 1 ? fmt::to_string(*number - 1) : ""},
                  {"X-Offset", fmt::to_string(page.begin)}};
  return page;
}

}  // namespace passgate::sim
