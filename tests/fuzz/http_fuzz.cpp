// SPDX-License-Identifier: Apache-2.0
// What clients of the HTTP face send, and what a decryption service answers us.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "sync/remote_answer.h"
#include "sync/service/access.h"
#include "sync/service/decrypt_request.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/input.h"

namespace passgate::fuzz {
namespace {

using nlohmann::json;

bool is_hex(const std::string& text) {
  return !text.empty() && from_hex(text).has_value();
}

/// Against a reader that builds the document: what is taken must stand in there.
void read_body(std::string_view body) {
  const auto request = sync::read_decrypt_request(body);
  if (!request) {
    const auto code = request.error().code();
    FUZZ_EXPECT(code == Errc::bad_value || code == Errc::bad_hex || code == Errc::too_large);
    return;
  }
  FUZZ_EXPECT(is_hex(request->payload));
  const auto document = json::parse(body, nullptr, /*allow_exceptions=*/false);
  FUZZ_EXPECT(document.is_object());
  FUZZ_EXPECT(document["payload"] == request->payload);
  FUZZ_EXPECT(document.contains("passType") == request->pass_type.has_value());
  if (request->pass_type) FUZZ_EXPECT(document["passType"] == *request->pass_type);
  if (!request->session) return;
  for (const auto& member : *request->session) FUZZ_EXPECT(is_hex(member));
}

void read_answer(int status, std::string_view body) {
  const auto opened =
      sync::read_remote_answer({.status = status, .body = std::string(body), .headers = {}});
  if (!opened) return;
  FUZZ_EXPECT(status == 200 && !opened->payload.empty());
  if (opened->stamped_at) FUZZ_EXPECT(from_rfc3339(*opened->stamped_at).has_value());
}

const sync::Access& access() {
  static const sync::Access known = [] {
    Bytes key = {'p', 'o', 's', '-', 'k', 'e', 'y'};
    std::vector<sync::ClientTerms> clients;
    clients.push_back({.account_id = "pos",
                       .api_key = SecretBytes::take(key),
                       .roles = {sync::Role::decrypt},
                       .templates = {}});
    return sync::Access(std::move(clients), {"localhost"});
  }();
  return known;
}

/// Nobody is let in who does not show the whole key.
void ask(Input input) {
  sync::HttpAsk ask;
  ask.host = "localhost";
  bool shown = false;
  for (const auto* name : {"authorization", "x-api-key", "x-account-id", "origin", "host",
                           "sec-fetch-site", "sec-fetch-mode"}) {
    const auto value = input.take(input.byte());
    if (value.empty()) continue;
    ask.headers.emplace_back(name, std::string(text_of(value)));
    shown = shown || ask.headers.back().second.find("pos-key") != std::string::npos ||
            ask.headers.back().second.find("cG9zOnBvcy1rZXk") != std::string::npos;
  }
  const auto client = access().identify(ask);
  if (client && *client != nullptr) FUZZ_EXPECT(shown);
}

}  // namespace
}  // namespace passgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passgate;
  fuzz::Input input(data, size);
  const unsigned what = input.byte();
  if (what == 0) {
    fuzz::ask(input);
  } else {
    const Bytes bytes = fuzz::exact(input.rest());
    constexpr int kStatuses[] = {200, 400, 401, 404, 429, 500, 200, 200};
    fuzz::read_body(text_of(bytes));
    fuzz::read_answer(kStatuses[what & 7U], text_of(bytes));
  }
  return 0;
}
