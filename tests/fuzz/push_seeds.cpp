// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/push_seeds.h"

namespace passgate::fuzz {

namespace {

constexpr std::uint8_t kSigned = 4;  // as push_fuzz understands it

void add(SeedFolder& seeds, std::uint8_t choice, const std::string& name, std::string_view body) {
  Bytes seed{choice};
  if ((choice & kSigned) == 0) seed.push_back(0);  // no header
  append(seed, bytes_of(body));
  seeds.add("push", name, seed);
}

}  // namespace

void add_push_seeds(SeedFolder& seeds) {
  add(seeds, 0 | kSigned, "passninja",
      R"({"specversion":"1.0","id":"e1","type":"pn.pass.updated","time":"2026-11-20T09:59:43.511Z",)"
      R"("data":{"pass_template":"ptk_0x2","pass_id":"fee4",)"
      R"("metadata":{"tap":"019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11"}}})");
  add(seeds, 0 | kSigned, "passninja_scan",
      R"({"specversion":"1.0","id":"e2","type":"pn.pass.scanned","data":{"scanId":"s",)"
      R"("pass":{"passTemplate":"ptk_0x2","passId":"fee4"}}})");
  add(seeds, 0, "passninja_legacy",
      R"({"passTemplate":"ptk_0x2","passId":"fee4","event":"install",)"
      R"("eventDate":"2026-11-20T09:25:43.511Z","attempt":1})");
  add(seeds, 1 | kSigned, "passmint",
      R"({"id":"e3","object":"event","type":"pass.redeemed","data":{"object":{)"
      R"("pass":{"id":"p","template_id":"t","serial_number":"S","metadata":{"last_scan_id":)"
      R"("019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11"}},"redemption":{"scanner_device_id":"d"}}}})");
  add(seeds, 1 | kSigned, "passmint_older",
      R"({"id":"e4","type":"pass.installed","pass":{"id":"p","serial_number":"S"}})");
  add(seeds, 2 | kSigned, "passinstance",
      R"({"event":"pass.updated","timestamp":"2026-11-20T09:30:00Z","data":{"passId":"p",)"
      R"("templateId":"t","serialNumber":"S","customFields":{"a":{"value":"b","label":"c"}}}})");
  add(seeds, 3 | kSigned, "passworks",
      R"({"event":"redeemed","pass_id":"p","serial_number":"S","voided":true,)"
      R"("redeemed_count":0,"event_at":"2026-11-20T09:30:00.000Z"})");
  seeds.add("push", "target", bytes_of("https://host/webhooks/a%2Fb+c/?x=1%26&y"));
}

}  // namespace passgate::fuzz
