// SPDX-License-Identifier: Apache-2.0
// The clouds' pushes and the targets they are sent to, from anybody. Half of
// the inputs are signed here, or nothing would get past the signature.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/ids.h"
#include "crypto/digest.h"
#include "sync/service/request_target.h"
#include "sync/webhook/make_push_reader.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/input.h"

namespace passgate::fuzz {
namespace {

using sync::Push;
using sync::PushReader;
using sync::PushRequest;

constexpr Errc kErrors[] = {Errc::auth_failed, Errc::too_old, Errc::bad_value, Errc::too_large};
constexpr std::string_view kKinds[] = {"passninja", "passmint", "passinstance", "passworks"};
constexpr std::string_view kSecret = "whsec_test";
constexpr std::size_t kLongest = 256;
// 2026-11-20T10:00:00Z, which the dictionary knows.
constexpr std::string_view kSeconds = "1795168800";
const WallTime kNow{std::chrono::seconds(1'795'168'800)};

std::unique_ptr<PushReader> make_reader(std::string_view kind) {
  runtime::ProviderConfig config;
  config.name = config.kind = kind;
  config.webhook.emplace();
  config.webhook->signature_header = "x-signature";
  config.webhook->legacy = true;
  Bytes secret(kSecret.begin(), kSecret.end());
  std::vector<SecretBytes> secrets;
  secrets.push_back(SecretBytes::take(secret));
  auto made = sync::make_push_reader(config, std::move(secrets));
  FUZZ_EXPECT(made.has_value());
  return std::move(*made);
}

std::string hmac_hex(std::string_view message) {
  return to_hex(crypto::hmac_sha256(bytes_of(kSecret), bytes_of(message)));
}

/// What the provider would send with `body`.
std::pair<std::string, std::string> proof(std::string_view kind, std::string_view body) {
  if (kind == "passninja") return {"authorization", "Bearer " + std::string(kSecret)};
  if (kind == "passworks") return {"authorization", std::string(kSecret)};
  if (kind == "passinstance") return {"x-signature", "sha256=" + hmac_hex(body)};
  const auto time = std::string(kSeconds);
  return {"passmint-signature", "t=" + time + ",v1=" + hmac_hex(time + "." + std::string(body))};
}

void look_at(const Push& push) {
  FUZZ_EXPECT(!push.dedup_key.empty() && !push.type.empty());
  FUZZ_EXPECT(!push.pass.id.empty() || !push.pass.serial.empty());
  for (const auto* text : {&push.dedup_key, &push.type, &push.pass_template, &push.pass.id,
                           &push.pass.serial, &push.pass.code, &push.device}) {
    FUZZ_EXPECT(text->size() <= kLongest);
  }
  FUZZ_EXPECT(push.tap_id.empty() || TapId::parse(push.tap_id).has_value());
  const auto again = sync::push_from(sync::push_body(push));
  FUZZ_EXPECT(again && *again == push);
}

void read_push(Input input) {
  static const std::unique_ptr<PushReader> readers[] = {
      make_reader(kKinds[0]), make_reader(kKinds[1]), make_reader(kKinds[2]),
      make_reader(kKinds[3])};
  const unsigned choice = input.byte();
  const bool is_signed = (choice & 4U) != 0;
  const auto kind = kKinds[choice & 3U];
  std::string header;
  if (!is_signed) header = text_of(input.take(input.byte()));
  const Bytes bytes = exact(input.rest());
  const auto body = text_of(bytes);
  auto given = proof(kind, body);
  // The scheme's letters may be of either case; everything else is exact.
  const bool genuine =
      is_signed || header == given.second ||
      (kind == "passninja" && header.size() == given.second.size() && header.ends_with(kSecret));
  if (!is_signed) given.second = header;
  PushRequest request{.headers = {given}, .body = body};
  // Without the header at all PassNinja's old format is meant.
  const bool unsigned_format = !is_signed && header.empty() && kind == "passninja";
  if (unsigned_format) request.headers.clear();
  const auto push = readers[choice & 3U]->read(request, kNow);
  if (!push) {
    FUZZ_EXPECT(std::ranges::find(kErrors, push.error().code()) != std::end(kErrors));
    return;
  }
  FUZZ_EXPECT(genuine || unsigned_format);
  if (*push) look_at(**push);
}

void read_target(ByteView raw) {
  sync::HttpAsk ask;
  if (!sync::read_target(text_of(raw), ask)) return;
  FUZZ_EXPECT(ask.path.size() <= 32 && ask.query.size() <= 64);
  for (const auto& segment : ask.path) FUZZ_EXPECT(segment.find('\0') == std::string::npos);
}

}  // namespace
}  // namespace passgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passgate;
  fuzz::read_push(fuzz::Input(data, size));
  fuzz::read_target(fuzz::exact({data, size}));
  return 0;
}
