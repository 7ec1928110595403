// SPDX-License-Identifier: Apache-2.0
#include "daemon/payload_opener.h"

#include <algorithm>
#include <string>

#include "apdu/smart_tap_object.h"
#include "crypto/smart_tap.h"

namespace passgate::daemon {
namespace {

using nlohmann::json;

/// ECDSA over P-256 in DER is shorter.
constexpr std::size_t kLongestSignature = 80;

struct Opened {
  SecretBytes payload;
  std::optional<WallTime> stamped_at;
};

/// A conversation of another reader with an Android phone, as far as its keys
/// depend on it.
struct RecordedSession {
  crypto::SmartTapNonce terminal_nonce{};
  crypto::SmartTapNonce handset_nonce{};
  crypto::CompressedPoint terminal_key{};
  crypto::CompressedPoint handset_key{};
  SecretBytes scalar;
  Bytes signature;
};

const std::string& text_of_member(const json& object, const char* key) {
  return object.at(key).get_ref<const std::string&>();
}

template <std::size_t N>
Status read(const json& object, const char* key, std::array<std::uint8_t, N>& out) {
  const auto bytes = from_hex(text_of_member(object, key));
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() != N) return fail(Errc::bad_value);
  std::ranges::copy(*bytes, out.begin());
  return {};
}

Result<RecordedSession> read_session(const json& object) {
  RecordedSession session;
  for (const Status& done : {read(object, "terminalNonce", session.terminal_nonce),
                             read(object, "mobileNonce", session.handset_nonce),
                             read(object, "terminalEphemeralPublicKey", session.terminal_key),
                             read(object, "mobileEphemeralPublicKey", session.handset_key)}) {
    if (!done) return std::unexpected(done.error());
  }
  auto scalar = from_hex(text_of_member(object, "terminalEphemeralPrivateKey"));
  if (!scalar) return std::unexpected(scalar.error());
  session.scalar = SecretBytes::take(*scalar);
  auto signature = from_hex(text_of_member(object, "signature"));
  if (!signature) return std::unexpected(signature.error());
  if (signature->empty() || signature->size() > kLongestSignature) return fail(Errc::bad_value);
  session.signature = std::move(*signature);
  return session;
}

Result<crypto::BundleKeys> keys_of(const RecordedSession& session, CollectorId collector) {
  // The session id has no part in the keys.
  auto ephemeral = crypto::SmartTapEphemeral::recorded(session.scalar, session.terminal_nonce, {});
  if (!ephemeral) return fail(Errc::bad_value);  // Not a key of ours: what was sent is none.
  return std::move(*ephemeral)
      .agree(session.handset_key,
             {.terminal_nonce = session.terminal_nonce,
              .handset_nonce = session.handset_nonce,
              .collector = collector,
              .terminal_key = session.terminal_key},
             session.signature);
}

/// Of a bundle that is there and cannot be read: not the fault of the request.
Errc as_unopened(Errc code) {
  return code == Errc::bad_value || code == Errc::too_large ? Errc::missing_record : code;
}

Result<Opened> open_apple(const PassTerms& terms, ByteView payload) {
  if (!terms.apple_keys) return fail(Errc::unknown_key);
  auto opened = terms.apple_keys->open(payload);
  if (!opened) return fail(as_unopened(opened.error().code()));
  return Opened{.payload = std::move(opened->payload), .stamped_at = opened->stamped_at};
}

Result<Opened> open_google(const PassTerms& terms, ByteView payload,
                           const RecordedSession& session) {
  if (!terms.google) return fail(Errc::unknown_key);
  const CollectorId collector = terms.google->keys.id();
  auto keys = keys_of(session, collector);
  if (!keys) return std::unexpected(keys.error());
  const auto objects = apdu::open_bundle({.collector = collector,
                                          .bundle = Bytes(payload.begin(), payload.end()),
                                          .keys = std::move(*keys)});
  if (!objects) return fail(as_unopened(objects.error().code()));
  const auto found = std::ranges::find_if(*objects, [&](const apdu::SmartTapObject& object) {
    return object.service_number && terms.google->accepts(object.kind);
  });
  if (found == objects->end()) return fail(Errc::missing_record);
  const ByteView number = bytes_of(found->service_number->text);
  Bytes copy(number.begin(), number.end());
  return Opened{.payload = SecretBytes::take(copy), .stamped_at = {}};
}

json opened_message(const Opened& opened) {
  json message = {{"type", "opened"}, {"payload", to_hex(opened.payload.expose())}};
  if (opened.stamped_at) message["stamped_at"] = to_rfc3339(*opened.stamped_at);
  return message;
}

}  // namespace

Result<json> PayloadOpener::answer(const json& question) const {
  const std::string& asked = text_of_member(question, "template");
  const auto is_asked = [&](const PassTerms& terms) {
    return terms.pass_template == asked || terms.name == asked;
  };
  if (std::ranges::none_of(passes_, is_asked)) return fail(Errc::not_listed);
  const std::string& hex = text_of_member(question, "payload");
  if (hex.size() > 2 * kLargestPayload) return fail(Errc::too_large);
  const auto payload = from_hex(hex);
  if (!payload) return std::unexpected(payload.error());
  std::optional<RecordedSession> session;
  if (const auto given = question.find("session"); given != question.end()) {
    auto read = read_session(*given);
    if (!read) return std::unexpected(read.error());
    session = std::move(*read);
  }
  // "Not my key" is said by each template that is not meant; any other failure
  // is of the one that is.
  Error why(Errc::unknown_key);
  for (const PassTerms& terms : passes_) {
    if (!is_asked(terms)) continue;
    const auto opened =
        session ? open_google(terms, *payload, *session) : open_apple(terms, *payload);
    if (opened) return opened_message(*opened);
    if (opened.error().code() != Errc::unknown_key) why = opened.error();
  }
  return std::unexpected(why);
}

}  // namespace passgate::daemon
