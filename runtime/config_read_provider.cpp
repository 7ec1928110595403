// SPDX-License-Identifier: Apache-2.0
// [[provider]]: the pass clouds. Their kinds differ; a key is read only where
// it means something.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "runtime/config_reader.h"
#include "runtime/key_place.h"
#include "runtime/toml_text.h"
#include "runtime/url_rule.h"
#include "runtime/value_rule.h"

namespace passgate::runtime {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::array<std::string_view, 4> kKinds = {"passninja", "passmint", "passinstance",
                                                    "passworks"};

constexpr KeyPlace kProviderPlaces[] = {
    {"account_id", "passninja"},
    {"account_id", "passworks"},
    {"auth", "passinstance"},
    {"list", "passinstance"},
    {"get_path", "passinstance"},
    // The others have no list of what changed.
    {"full_refresh_s", "passmint"},
    {"full_refresh_s", "passworks"},
    // PassNinja's list has no times.
    {"valid_from", "passmint"},
    {"valid_from", "passinstance"},
    {"valid_from", "passworks"},
    {"valid_until", "passmint"},
    {"valid_until", "passinstance"},
    {"valid_until", "passworks"},
};

/// The kind; empty when it is none.
std::string read_kind(TableReader& table) {
  std::string kind = table.required_text("kind");
  if (kind.empty() || std::ranges::find(kKinds, kind) != kKinds.end()) return kind;
  table.problem_of("kind", fmt::format("may not be {}", toml_string(kind)),
                   fmt::format("one of: {}", fmt::join(kKinds, ", ")));
  return "";
}

/// A pointer that may be left out or empty.
std::string read_pointer(TableReader& table, std::string_view key, std::string_view fallback) {
  std::string pointer = table.text(key, fallback);
  if (pointer.empty()) return pointer;
  if (const auto wrong = pointer_problem(pointer)) table.problem_of(key, *wrong);
  return pointer;
}

std::string_view default_valid_until(std::string_view kind) {
  if (kind == "passinstance") return "/expirationDate";
  if (kind == "passworks") return "/expiration_date";
  return "";
}

void read_access(TableReader& table, ProviderConfig& provider) {
  provider.base_url = table.required_text("base_url");
  if (!provider.base_url.empty()) {
    if (const auto wrong = url_problem(provider.base_url)) table.problem_of("base_url", *wrong);
  }
  if (belongs(table, "account_id", kProviderPlaces, provider.kind)) {
    provider.account_id = table.required_text("account_id");
  }
  provider.api_key = table.secret("api_key");
  if (!table.has("api_key")) {
    table.problem_of("api_key", "is missing",
                     fmt::format("api_key = \"credential:{}-key\"",
                                 provider.kind.empty() ? "provider" : provider.kind));
  }
  if (belongs(table, "auth", kProviderPlaces, provider.kind)) {
    provider.auth = table.choice("auth", {"api_key", "bearer"}, provider.auth);
  }
}

void read_refresh(TableReader& table, ProviderConfig& provider) {
  constexpr std::int64_t kOneMonth = 31LL * 24 * 3600;  // seconds
  provider.refresh = seconds(table.integer("refresh_s", 1, 86'400, provider.refresh.count()));
  if (!belongs(table, "full_refresh_s", kProviderPlaces, provider.kind)) return;
  provider.full_refresh =
      seconds(table.integer("full_refresh_s", 1, kOneMonth, provider.full_refresh.count()));
  if (provider.full_refresh < provider.refresh) {
    table.problem_of("full_refresh_s", "is shorter than refresh_s, which only fetches changes");
  }
}

void read_reading(TableReader& table, ProviderConfig& provider) {
  if (belongs(table, "list", kProviderPlaces, provider.kind)) {
    if (auto list = table.table("list")) provider.list = read_list(std::move(*list));
  }
  if (belongs(table, "get_path", kProviderPlaces, provider.kind)) {
    provider.get_path = table.text("get_path", "");
    const auto wrong =
        provider.get_path.empty() ? std::nullopt : pass_path_problem(provider.get_path);
    if (wrong) table.problem_of("get_path", *wrong, "known: {id} {serial}");
  }
  if (belongs(table, "valid_from", kProviderPlaces, provider.kind)) {
    provider.valid_from = read_pointer(table, "valid_from", "");
  }
  if (belongs(table, "valid_until", kProviderPlaces, provider.kind)) {
    provider.valid_until = read_pointer(table, "valid_until", default_valid_until(provider.kind));
  }
}

void read_pace(TableReader& table, ProviderConfig& provider) {
  const bool passworks = provider.kind == "passworks";
  // More than this those two never give; the others do not say.
  const unsigned most = passworks ? 50 : provider.kind == "passmint" ? 100 : 10'000;
  provider.page_size = static_cast<unsigned>(
      table.integer("page_size", 1, most, std::min(provider.page_size, most)));
  // Passworks documents three different limits; this keeps below each.
  provider.max_rps = table.number("max_rps", 0.01, 100'000, passworks ? 1.0 : 5.0).value();
  provider.timeout =
      milliseconds(table.integer("timeout_ms", 1, 600'000, provider.timeout.count()));
  provider.retry_base =
      milliseconds(table.integer("retry_base_ms", 10, 3'600'000, provider.retry_base.count()));
}

void read_status_map(TableReader& table, ProviderConfig& provider) {
  constexpr std::array<std::string_view, 6> kStates = {"valid",   "redeemed",      "voided",
                                                       "expired", "not_yet_valid", "unknown"};
  provider.status_map = table.text_map("status_map");
  for (const auto& [word, state] : provider.status_map) {
    if (std::ranges::find(kStates, state) != kStates.end()) continue;
    table.problem("status_map",
                  fmt::format("status_map.{} may not be {}", toml_key(word), toml_string(state)),
                  fmt::format("one of: {}", fmt::join(kStates, ", ")));
  }
}

}  // namespace

ListConfig read_list(TableReader table) {
  constexpr std::array<std::string_view, 4> kWords = {"template", "page", "page_size", "cursor"};
  ListConfig list;
  const auto pointer = [&](std::string_view key, std::string& value, bool may_be_empty) {
    value = table.text(key, value);
    if (value.empty() && may_be_empty) return;
    if (const auto wrong = pointer_problem(value)) table.problem_of(key, *wrong);
  };
  list.path = table.required_text("path");
  const auto wrong = list.path.empty() ? std::nullopt : path_problem(list.path, kWords);
  if (wrong) table.problem_of("path", *wrong, "known: {template} {page} {page_size} {cursor}");
  pointer("items", list.items, true);
  pointer("next", list.next, true);
  pointer("id", list.id, false);
  pointer("serial", list.serial, false);
  pointer("status", list.status, true);
  const bool by_cursor = list.path.contains("{cursor}");
  const bool by_page = list.path.contains("{page}");
  if (by_cursor && list.next.empty()) {
    table.problem_of("next", "is missing: {cursor} comes from there", "next = \"/next_cursor\"");
  } else if (!by_cursor && !by_page && !list.next.empty() && !list.path.empty()) {
    table.problem_of("next", "is never sent: list.path has neither {cursor} nor {page}");
  }
  table.finish();
  return list;
}

ProviderConfig read_provider(const Node& node, Reading& reading) {
  reading.shown.push_back({"[[provider]]", {}});
  TableReader table(node, "", reading);
  ProviderConfig provider;
  provider.origin = node.where;
  provider.name = table.required_text("name");
  provider.kind = read_kind(table);
  read_access(table, provider);
  read_refresh(table, provider);
  read_reading(table, provider);
  const Node none{Node::Table{}, node.where};
  auto redeem = table.table("redeem");
  if (redeem || !table.has("redeem")) {
    provider.redeem = read_redeem(
        redeem ? std::move(*redeem) : TableReader(none, "redeem.", reading), provider.kind);
  }
  if (auto webhook = table.table("webhook")) {
    provider.webhook = read_webhook(std::move(*webhook), provider.kind);
    provider.webhook->origin = table.where("webhook");
  }
  read_pace(table, provider);
  read_status_map(table, provider);
  table.finish();
  return provider;
}

}  // namespace passgate::runtime
