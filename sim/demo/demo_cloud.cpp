// SPDX-License-Identifier: Apache-2.0
#include "sim/demo/demo_cloud.h"

#include <algorithm>

namespace passgate::sim {
namespace {

constexpr const char* kLongAgo = "2020-01-01T00:00:00Z";

std::vector<DemoCloud> all_clouds() {
  DemoCloud ninja;
  ninja.kind = "passninja";
  ninja.pass_template = "ptk_0x14";
  ninja.account = "aid_0xa01";
  ninja.base = "/v1";
  ninja.provider =
      "redeem = { mode = \"patch\", fields = { \"redeemed-at\" = \"{time}\", scan = \"{tap_id}\" } "
      "}\n";
  ninja.expired = {{"status", "Expired"}};
  ninja.use_method = "PATCH";

  DemoCloud mint;
  mint.kind = "passmint";
  mint.pass_template = "tmpl_demo";
  mint.key_prefix = "pmk_test_";
  mint.provider =
      "full_refresh_s = 1\nvalid_until = \"/metadata/valid_until\"\nredeem = { mode = \"patch\" "
      "}\n";
  mint.expired = {{"metadata", {{"valid_until", kLongAgo}}}};
  mint.use_method = "PATCH";
  mint.requests_of_a_sweep = 2;  // The template's policy, then its passes.

  DemoCloud instance;
  instance.kind = "passinstance";
  instance.pass_template = "tpl_demo";
  instance.key_prefix = "pk_live_";
  instance.provider =
      "get_path = \"/passes/{id}\"\n"
      "list = { path = \"/passes?templateId={template}&page={page}&limit={page_size}\", next = "
      "\"/nextPage\", status = \"/status\" }\n"
      "status_map = { active = \"valid\", voided = \"voided\", expired = \"expired\" }\n"
      "redeem = { mode = \"update\", fields = { \"redeemed-at\" = \"{time}\", scan = \"{tap_id}\" "
      "} "
      "}\n";
  instance.webhook = ", signature_header = \"x-demo-signature\"";
  instance.sandbox = {"--signature-header", "x-demo-signature"};
  instance.expired = {{"expires", kLongAgo}};
  instance.use_method = "PUT";

  DemoCloud works;
  works.kind = "passworks";
  works.pass_template = "event_tickets/demo";
  works.account = "acc_demo";
  works.base = "/v2";
  works.provider = "full_refresh_s = 1\n";
  works.expired = {{"expires", kLongAgo}};
  works.use_method = "POST";
  works.use_path_end = "/redeem";
  return {ninja, mint, instance, works};
}

const std::vector<DemoCloud>& clouds() {
  static const std::vector<DemoCloud> all = all_clouds();
  return all;
}

}  // namespace

const DemoCloud* demo_cloud(const std::string& kind) {
  const auto found = std::ranges::find(clouds(), kind, &DemoCloud::kind);
  return found == clouds().end() ? nullptr : &*found;
}

std::vector<std::string> demo_cloud_kinds() {
  std::vector<std::string> kinds;
  for (const auto& cloud : clouds()) kinds.push_back(cloud.kind);
  return kinds;
}

}  // namespace passgate::sim
