// SPDX-License-Identifier: Apache-2.0
// [[pass]]: what is read from which wallet, and what lets it in.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "runtime/config_reader.h"
#include "runtime/largest_party.h"
#include "runtime/toml_text.h"
#include "runtime/url_rule.h"

namespace passgate::runtime {

using std::chrono::seconds;

namespace {

constexpr std::int64_t kOneYear = 366LL * 24 * 3600;  // seconds
constexpr std::int64_t kUint32Max = std::numeric_limits<std::uint32_t>::max();

constexpr std::array<std::string_view, 11> kServices = {
    "all",    "loyalty", "offer",   "gift_card",       "closed_loop", "event_ticket",
    "flight", "transit", "generic", "generic_private", "customer"};

OnDoubt read_doubt(TableReader& table, std::string_view key) {
  return table.choice(key, {"deny", "admit"}, "deny") == "admit" ? OnDoubt::admit : OnDoubt::deny;
}

AppleConfig read_apple(TableReader table) {
  AppleConfig apple;
  apple.pass_type_id = table.required_text("pass_type_id");
  if (auto remote = table.only_remote("keys")) {
    apple.remote = std::move(*remote);
  } else {
    apple.keys = table.secrets("keys", "\"remote:NAME\" of a [[decrypt_service]] stands alone");
  }
  if (apple.keys.empty() && apple.remote.empty()) {
    table.problem("keys", "apple.keys needs at least one key", "keys = [\"file:keys/ticket.pem\"]");
  }
  if (const auto url = table.optional_text("signup_url")) {
    apple.signup_url = *url;
    constexpr std::size_t kMaxSignupUrl = 64;  // Apple VAS, tag 9F29.
    if (!url->starts_with("https://") || url_problem(*url)) {
      table.problem("signup_url", "apple.signup_url must be an https address");
    } else if (url->size() > kMaxSignupUrl) {
      table.problem("signup_url",
                    fmt::format("apple.signup_url may have {} bytes at most", kMaxSignupUrl));
    }
  }
  table.finish();
  return apple;
}

std::optional<CollectorKeyConfig> read_collector_key(TableReader& table) {
  const auto version = static_cast<std::uint32_t>(table.required_integer("version", 0, kUint32Max));
  auto key = table.secret("key", "a Google key signs during the tap: it must be on this terminal");
  if (!table.has("key")) table.problem("key", "google.keys.key is missing", "\"file:PATH\"");
  table.finish();
  if (!key) return std::nullopt;
  return CollectorKeyConfig{.version = version, .key = std::move(*key)};
}

std::vector<CollectorKeyConfig> read_collector_keys(TableReader& table) {
  std::vector<CollectorKeyConfig> keys;
  const bool any = table.tables("keys", [&keys](TableReader& item) {
    auto key = read_collector_key(item);
    if (!key) return;
    if (std::ranges::find(keys, key->version, &CollectorKeyConfig::version) != keys.end()) {
      item.problem("version", fmt::format("google.keys holds version {} twice", key->version),
                   "as registered with Google");
      return;
    }
    keys.push_back(std::move(*key));
  });
  if (!any) {
    table.problem("keys", "google.keys needs at least one key",
                  "keys = [{ version = 1, key = \"file:keys/collector.pem\" }]");
  }
  return keys;
}

std::vector<std::string> read_services(TableReader& table) {
  auto services = table.texts("services", {"all"});
  if (services.empty()) {
    table.problem("services", "google.services asks for nothing", "omit it to ask for all");
  }
  std::set<std::string_view> seen;
  for (const std::string& service : services) {
    if (std::ranges::find(kServices, service) == kServices.end()) {
      table.problem("services",
                    fmt::format("google.services may not hold {}", toml_string(service)),
                    fmt::format("any of: {}", fmt::join(kServices, ", ")));
    } else if (!seen.insert(service).second) {
      table.problem("services",
                    fmt::format("google.services holds {} twice", toml_string(service)));
    }
  }
  return services;
}

GoogleConfig read_google(TableReader table) {
  GoogleConfig google;
  google.collector_id =
      static_cast<std::uint32_t>(table.required_integer("collector_id", 1, kUint32Max));
  google.keys = read_collector_keys(table);
  google.services = read_services(table);
  table.finish();
  return google;
}

std::optional<unsigned> read_uses(TableReader& table) {
  const bool reusable = table.flag("reusable", false);
  if (!reusable) return static_cast<unsigned>(table.integer("uses", 1, 1'000'000, 1));
  if (table.has("uses")) {
    table.integer("uses", 1, 1'000'000, 1);
    table.problem("uses", "uses and reusable = true exclude each other", "keep one of them");
  }
  return std::nullopt;
}

seconds read_span(TableReader& table, std::string_view key) {
  return seconds(table.integer(key, 0, kOneYear, 0));
}

void read_uses_per(TableReader& table, PassConfig& pass) {
  if (!pass.uses) {
    table.refuses("uses_per", "and reusable = true exclude each other",
                  "without end there is nothing to count");
    return;
  }
  pass.uses_per_zone = table.choice("uses_per", {"pass", "zone"}, "pass") == "zone";
}

ReentryRule reentry_named(std::string_view word) {
  if (word == "after_exit") return ReentryRule::after_exit;
  return word == "always" ? ReentryRule::always : ReentryRule::never;
}

void read_reentry(TableReader& table, PassConfig& pass) {
  constexpr auto kWithin = "reentry_within_s";
  pass.reentry = reentry_named(table.choice("reentry", {"never", "after_exit", "always"}, "never"));
  if (pass.reentry == ReentryRule::never) {
    table.refuses(kWithin, "goes with reentry", "reentry = \"after_exit\" or \"always\"");
  } else if (!pass.uses) {
    table.refuses(kWithin, "and reusable = true exclude each other",
                  "every entry is a use of its own");
  } else {
    pass.reentry_within = read_span(table, kWithin);
    if (*pass.uses == 1 || pass.reentry_within.count() > 0) return;
    table.problem("reentry",
                  "reentry of a pass with several uses needs reentry_within_s: when the next "
                  "entry is a use again",
                  "reentry_within_s = 43200");
  }
}

void read_direction(TableReader& table, PassConfig& pass) {
  if (!table.has("direction")) {
    table.knows("direction");
    return;
  }
  pass.direction = table.choice("direction", {"entry", "exit"}, "entry");
  if (pass.reentry == ReentryRule::after_exit) {
    table.problem("direction", "reentry = \"after_exit\" needs a pass for both directions",
                  "omit direction");
  }
}

void read_party(TableReader& table, PassConfig& pass) {
  pass.max_party = static_cast<unsigned>(table.integer("max_party", 1, kLargestParty, 1));
  pass.partial_party = table.flag("partial_party", false);
  if (pass.partial_party && pass.max_party == 1) {
    table.problem("partial_party", "partial_party goes with a max_party above 1");
  }
  if (pass.partial_party && !pass.uses) {
    table.problem("partial_party", "partial_party and reusable = true exclude each other",
                  "there are always uses left");
  }
}

/// Pass ids that somebody wrote down.
std::vector<std::string> read_pass_ids(TableReader& table, std::string_view key) {
  constexpr std::size_t kLongest = 128;  // as gate/pass_pattern.h lets one be
  auto ids = table.texts(key, {});
  for (const std::string& id : ids) {
    if (!id.empty() && id.size() <= kLongest) continue;
    table.problem_of(key, fmt::format("holds {}, which no pass has", toml_string(id)),
                     fmt::format("a pass_id has 1 to {} bytes", kLongest));
  }
  return ids;
}

/// How often, by whom and which way the pass may be used.
void read_entry_rules(TableReader& table, PassConfig& pass) {
  pass.uses = read_uses(table);
  read_uses_per(table, pass);
  read_reentry(table, pass);
  pass.passback = read_span(table, "passback_s");
  const auto calendar = table.optional_text("once_per_day");
  pass.once_per_day = calendar.value_or("");
  if (calendar && calendar->empty()) {
    table.problem("once_per_day", "once_per_day names no time zone", "\"Europe/Berlin\"");
  }
  pass.grace_before = read_span(table, "grace_before_s");
  pass.grace_after = read_span(table, "grace_after_s");
  pass.zones = table.texts("zones", {});
  read_direction(table, pass);
  read_party(table, pass);
  pass.revoked = read_pass_ids(table, "revoked");
  pass.blocked = read_pass_ids(table, "blocked");
}

}  // namespace

PassConfig read_pass(const Node& node, Reading& reading) {
  reading.shown.push_back({"[[pass]]", {}});
  TableReader table(node, "", reading);
  PassConfig pass;
  pass.origin = node.where;
  pass.name = table.required_text("name");
  pass.provider = table.text("provider", "");
  pass.pass_template = table.text("template", pass.name);
  pass.join = table.choice("join", {"id", "serial", "code"}, pass.join);
  pass.pattern = table.optional_text("pattern");
  pass.type = table.text("type", "");
  pass.display = table.texts("display", {});
  if (auto apple = table.table("apple")) pass.apple = read_apple(std::move(*apple));
  if (auto google = table.table("google")) pass.google = read_google(std::move(*google));
  if (!table.has("apple") && !table.has("google")) {
    table.problem("apple", "a [[pass]] without apple or google can never be read",
                  "apple = { pass_type_id = \"pass.…\", keys = [\"file:…\"] } or "
                  "google = { collector_id = …, keys = [{ version = 1, key = \"file:…\" }] }");
  }
  read_entry_rules(table, pass);
  pass.on_unknown = read_doubt(table, "on_unknown");
  pass.on_stale = read_doubt(table, "on_stale");
  pass.max_cache_age =
      seconds(table.integer("max_cache_age_s", 1, kOneYear, pass.max_cache_age.count()));
  pass.max_skew = seconds(table.integer("max_skew_s", 0, kOneYear, pass.max_skew.count()));
  if (table.has("max_clock_error_s")) {
    pass.max_clock_error = read_span(table, "max_clock_error_s");
  }
  table.knows("max_clock_error_s");
  table.finish();
  return pass;
}

}  // namespace passgate::runtime
