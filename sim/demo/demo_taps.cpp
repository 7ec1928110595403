// SPDX-License-Identifier: Apache-2.0
#include "sim/demo/demo_taps.h"

namespace passgate::sim {

std::vector<DemoTap> demo_taps(const Scene& scene, const std::filesystem::path& fixtures) {
  const std::string ticket_key = scene.path("keys/ticket.pem");
  const std::string stranger_key = scene.path("keys/stranger.pem");
  const auto phone_with = [](const std::string& key, const std::string& payload,
                             std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"--pass-type-id", kTicketType, "--key", key,
                                          "--payload",      payload};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  const std::string collector_key = scene.path("keys/collector.pem");
  const auto android_with = [](const std::string& key, const std::string& payload,
                               std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {
        "--wallet",  "google", "--collector-id", std::to_string(kDemoCollector),
        "--key",     key,      "--object-type",  "event_ticket",
        "--payload", payload};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  const std::string recording = fixtures / "taps/vas_real_kormax_trace.apdu";
  const std::string valid = kValidPass;
  const std::string android = kAndroidPass;
  return {
      {"a valid pass", 0, phone_with(ticket_key, valid), "admit", "ok", valid + "\n"},
      {"the same pass again", 0, phone_with(ticket_key, valid), "deny", "already_redeemed", ""},
      {"the same on an Android", 0, android_with(collector_key, valid), "deny", "already_redeemed",
       ""},
      {"an Android phone", 0, android_with(collector_key, android), "admit", "ok", android + "\n"},
      {"its pass on an iPhone", 0, phone_with(ticket_key, android), "deny", "already_redeemed", ""},
      {"an Android, two passes", 0, android_with(collector_key, android, {"--choose"}), "deny",
       "choose", ""},
      {"an Android, not our key", 0, android_with(stranger_key, valid), "deny", "no_pass", ""},
      {"a voided pass", 0, phone_with(ticket_key, kVoidedPass), "deny", "voided", ""},
      {"an expired pass", 0, phone_with(ticket_key, kExpiredPass), "deny", "expired", ""},
      {"a pass of another key", 0, phone_with(stranger_key, valid), "deny", "undecryptable", ""},
      {"a locked phone", 0, phone_with(ticket_key, valid, {"--locked"}), "deny", "locked", ""},
      {"a phone without the pass", 0, phone_with(ticket_key, valid, {"--no-pass"}), "deny",
       "no_pass", ""},
      // Published with its key by kormax/apple-vas; the text is what that phone sent.
      {"a real iPhone, played back",
       1,
       {"--replay", recording},
       "read",
       "ok",
       "6d1UlFpnOc50iVKRaboDOK\n"},
  };
}

}  // namespace passgate::sim
