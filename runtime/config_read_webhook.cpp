// SPDX-License-Identifier: Apache-2.0
// [provider.webhook]: what proves that a push is the provider's, and a recent one.
#include <algorithm>

#include "runtime/config_reader.h"
#include "runtime/key_place.h"
#include "runtime/value_rule.h"

namespace passgate::runtime {

using std::chrono::seconds;

namespace {

constexpr KeyPlace kWebhookPlaces[] = {
    // Passmint signs the time of sending, and that is all its events are judged by.
    {"max_age_s", "passninja"},           {"max_age_s", "passinstance"}, {"max_age_s", "passworks"},
    {"signature_header", "passinstance"}, {"legacy", "passninja"},
};

std::string read_signature_header(TableReader& table) {
  if (!table.has("signature_header")) {
    table.problem_of("signature_header", "is missing: Passinstance does not document it",
                     "see the webhook's page in its dashboard");
  }
  std::string name = table.optional_text("signature_header").value_or("");
  if (table.has("signature_header")) {
    if (const auto wrong = field_name_problem(name)) table.problem_of("signature_header", *wrong);
  }
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

}  // namespace

WebhookConfig read_webhook(TableReader table, std::string_view kind) {
  // Pushes are remembered for eight days: older ones could be repeated unnoticed.
  constexpr seconds kLongestWindow = std::chrono::days(7);
  WebhookConfig webhook;
  webhook.secrets = table.secrets("secrets");
  webhook.max_skew =
      seconds(table.integer("max_skew_s", 1, kLongestWindow.count(), webhook.max_skew.count()));
  if (belongs(table, "max_age_s", kWebhookPlaces, kind)) {
    webhook.max_age =
        seconds(table.integer("max_age_s", 1, kLongestWindow.count(), webhook.max_age.count()));
    if (webhook.max_age + webhook.max_skew > kLongestWindow) {
      table.problem_of("max_age_s", "and webhook.max_skew_s may be a week (604800) in all");
    }
  }
  if (belongs(table, "signature_header", kWebhookPlaces, kind)) {
    webhook.signature_header = read_signature_header(table);
  }
  if (belongs(table, "legacy", kWebhookPlaces, kind)) {
    webhook.legacy = table.flag("legacy", webhook.legacy);
  }
  if (webhook.secrets.empty() && !webhook.legacy) {
    table.problem_of("secrets", "is missing: nobody could prove to be the provider",
                     "secrets = [\"credential:passninja-hook\"]");
  }
  table.finish();
  return webhook;
}

}  // namespace passgate::runtime
