// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/kit.h"

#include <fmt/format.h>

namespace passgate::sync::test {

Result<HttpAnswer> FakeHttp::perform(const HttpRequest& request) {
  asked.push_back(request);
  if (script.empty()) {
    ADD_FAILURE() << "request " << asked.size() << " is not in the script: " << request.method
                  << " " << request.url;
    return fail(Errc::stopped);
  }
  auto next = std::move(script.front());
  script.pop_front();
  return next;
}

HttpAnswer answer(int status, std::string body,
                  std::vector<std::pair<std::string, std::string>> headers) {
  return {.status = status, .body = std::move(body), .headers = std::move(headers)};
}

SecretBytes secret(std::string_view text) {
  std::string copy(text);
  return SecretBytes::take({reinterpret_cast<std::uint8_t*>(copy.data()), copy.size()});
}

gate::TapRecord example_tap() {
  gate::TapRecord tap;
  tap.position = 4711;
  tap.tap_id = TapId::parse("019a9c3e-7b1f-7a52-9b0e-2f6f1c0d4e11").value();
  tap.at = from_rfc3339("2026-11-20T19:04:11.482Z").value();
  tap.boot_id = "7d3f5a36-7a1c-4a44-9f1e-2c8a4f4b9d10";
  tap.monotonic_ns = 1;
  tap.clock = ClockState::synchronised;
  tap.terminal = "gate-a1";
  tap.reader = "north-1";
  tap.zone = "north";
  tap.pass = "season-ticket";
  tap.pass_template = "ptk_0x14";
  tap.pass_id = "838b8cf60dac2bfad9";
  tap.provider = "main";
  tap.decision = gate::Decision::admit;
  tap.reason = gate::Reason::ok;
  tap.use_no = 1;
  return tap;
}

gate::TapRecord tap_at(std::uint64_t position, std::string_view pass_id) {
  auto tap = example_tap();
  tap.position = position;
  tap.pass_id = std::string(pass_id);
  tap.tap_id = TapId::parse(fmt::format("019a9c3e-7b1f-7a52-9b0e-{:012x}", position)).value();
  return tap;
}

}  // namespace passgate::sync::test
